import OpwatchCore
import OpwatchPolicy

/// The policy of a stage, with what tests change in it.
struct StagePolicy {
    var mode = "enforce"
    var names = ["ml"]
    /// How the services are called, where not by the names in their endpoints.
    var service: String?
    var parents = ["projects/acme"]
    var requestsPerMinute = 6_000
    var warnBefore: String?
    /// What is measured by the rule.
    var clock = "total"
    var total = "45m"
    var confirmations = 2
    var cancelsPerPoll = 5
    var cancelsPerHour = 20
    var isCanaryOn = true
    var share = "100%"
    var failedMax = 3
    var attempts = 3

    var plan: PolicyPlan {
        get throws { PolicyPlan(try PolicyFile.parse(text, file: "policy.yaml").policy) }
    }

    private var text: String {
        let services = names.map { name in
            """
              - name: \(service ?? name)
                endpoint: http://127.0.0.1:1/\(name)/v1
                fields:
                  create_time: [metadata.createTime]
                  start_time: [metadata.startTime]
                  update_time: [metadata.updateTime]
                  cancel_requested: [metadata.isCancellationRequested]
                parents: [\(parents.joined(separator: ", "))]
                interval: 60s
                requests_per_minute: \(requestsPerMinute)
                credentials: none

            """
        }
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
                timeouts: { \(clock): \(total) }
            \(warnBefore.map { "    warn_before: \($0)\n" } ?? "")    action: cancel
            safety:
              confirmations: \(confirmations)
              cancels_per_poll: \(cancelsPerPoll)
              cancels_per_hour: \(cancelsPerHour)
              max_overdue_share: \(share)
              max_failed_cancels: \(failedMax)
              canary: \(isCanaryOn)
            verify: { within: 10m, attempts: \(attempts) }

            """
    }
}
