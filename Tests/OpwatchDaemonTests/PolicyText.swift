/// The text of a policy for the simulated service, with what tests change in it.
struct PolicyText {
    var mode = "enforce"
    var parents = ["projects/acme"]
    var interval = "60s"
    var pageSize = 100
    var requestsPerMinute = 6_000
    /// A line of the service, e.g. `filter: '…'`.
    var extra = ""
    var warnBefore: String? = nil
    var total = "45m"
    var confirmations = 2
    var cancelsPerPoll = 5
    var cancelsPerHour = 20
    var isCanaryOn = true
    var within = "10m"
    var attempts = 3
    /// What the section `journal` says, if it is there.
    var journal: String? = nil
    /// A second endpoint's port, for policies with two services.
    var otherPort: Int? = nil
    var hasService = true

    func text(port: Int) -> String {
        let names = hasService ? [("ml", port)] : []
        let services = (names + (otherPort.map { [("other", $0)] } ?? []))
            .map { service($0.0, port: $0.1) }
        return """
            version: 1
            mode: \(mode)
            services:\(services.isEmpty ? " []" : "")
            \(services.joined())rules:
              - name: protected
                match: 'metadata.labels.keep = "true"'
                action: ignore
              - name: slow
                match: 'metadata.operationType = "CREATE_VERSION"'
                timeouts: { total: \(total) }
            \(warnBefore.map { "    warn_before: \($0)\n" } ?? "")    action: cancel
            safety:
              confirmations: \(confirmations)
              cancels_per_poll: \(cancelsPerPoll)
              cancels_per_hour: \(cancelsPerHour)
              canary: \(isCanaryOn)
            verify: { within: \(within), attempts: \(attempts) }
            \(journal.map { "journal: { \($0) }" } ?? "")

            """
    }

    private func service(_ name: String, port: Int) -> String {
        """
          - name: \(name)
            endpoint: http://127.0.0.1:\(port)/v1
            fields:
              create_time: [metadata.createTime]
              start_time: [metadata.startTime]
              end_time: [metadata.endTime]
              cancel_requested: [metadata.isCancellationRequested]
            parents: [\(parents.joined(separator: ", "))]
            interval: \(interval)
            page_size: \(pageSize)
            requests_per_minute: \(requestsPerMinute)
            credentials: none
        \(extra.isEmpty ? "" : "    \(extra)\n")
        """
    }
}
