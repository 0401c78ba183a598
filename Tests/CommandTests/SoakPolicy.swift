import SeededRandom

/// What a policy file of the soak says, and by itself, without any code of the daemon, which
/// cancels it allows.
struct SoakPolicy {
    private var isEnforced = true
    private var parents = SoakService.allCases.flatMap(\.parents)
    private var totalSeconds: Int64 = 3
    private var protectsFrozen = true
    private var hasCanary = true
    private var givesNotice = false

    static let withinSeconds = 10
    static let attempts = 2
    static let cancelsPerHour = 1_000
    private static let noticeSeconds: Int64 = 2
    static let queuedSeconds: Int64 = 4
    static let stalledSeconds: Int64 = 6

    /// The one that a soak starts with.
    init() {}

    /// Any policy that is good.
    init(_ random: inout SplitMix) {
        isEnforced = !random.once(in: 8)
        // At least one parent of each service stays.
        parents = SoakService.allCases.flatMap { service in
            let shuffled = service.parents.shuffled(using: &random)
            return shuffled.prefix(1 + random.below(shuffled.count))
        }
        totalSeconds = random.pick([3, 5, 9])
        protectsFrozen = random.once(in: 2)
        hasCanary = random.once(in: 2)
        givesNotice = random.once(in: 2)
    }

    /// One under which everything that can end does.
    static func calm(_ random: inout SplitMix) -> SoakPolicy {
        var policy = SoakPolicy(&random)
        policy.isEnforced = true
        policy.parents = SoakService.allCases.flatMap(\.parents).shuffled(using: &random)
        return policy
    }

    /// The same without the rule that protects what is frozen.
    var protectingNothingFrozen: SoakPolicy {
        var policy = self
        policy.protectsFrozen = false
        return policy
    }

    /// Whether the operation may be cancelled under this policy.
    /// - Parameter notice: how long ago people were promised that cancel; nil where they were not.
    func allows(
        _ operation: SoakOperation, after age: Duration, notice: Duration?
    ) -> Bool {
        guard isEnforced, isTarget(operation) else { return false }
        if givesNotice, operation.kind == .deployment {
            // A `Date` has whole seconds.
            guard let notice, notice > .seconds(Self.noticeSeconds - 1) else { return false }
        }
        let seconds =
            switch operation.kind {
            case .deployment: totalSeconds
            case .deletion: min(totalSeconds, Self.queuedSeconds)
            case .training: Self.stalledSeconds
            case .report: Int64.max
            }
        return age > .seconds(seconds)
    }

    /// Whether a cancel rule is the one that speaks for it, whatever its age.
    func isTarget(_ operation: SoakOperation) -> Bool {
        let isProtected = operation.isKept || protectsFrozen && operation.isFrozen
        return parents.contains(operation.parent) && !isProtected && operation.kind != .report
    }

    /// Words for a story.
    var description: String {
        "\(isEnforced ? "enforce" : "observe") \(parents.joined(separator: " ")), "
            + "total \(totalSeconds) s, frozen \(protectsFrozen ? "protected" : "not protected")"
    }

    /// The text of the file.
    func text(ports: [SoakService: Int], tokenPath: String) -> String {
        let services = SoakService.allCases.map { service in
            text(of: service, port: ports[service] ?? 0, tokenPath: tokenPath)
        }
        let frozen = """
              - name: frozen
                match: 'metadata.version.deploymentUri = "gs://models/frozen/v1"'
                action: ignore
            """
        let notice = givesNotice ? "warn_before: \(Self.noticeSeconds)s" : "# no notice"
        return """
            version: 1
            mode: \(isEnforced ? "enforce" : "observe")
            services:
            \(services.joined(separator: "\n"))
            rules:
              - name: reports
                match: 'metadata.operationType = "REPORT"'
                timeouts: { total: 2s }
                action: warn
              - name: deployments
                match: 'metadata.operationType = "CREATE_VERSION"'
                timeouts: { total: \(totalSeconds)s }
                \(notice)
                action: cancel
              - name: deletions
                match: 'metadata.operationType = "DELETE_VERSION"'
                timeouts: { total: \(totalSeconds)s, queued: \(Self.queuedSeconds)s }
                action: cancel
              - name: trainings
                match: 'metadata.operationType = "TRAIN"'
                timeouts: { stalled: \(Self.stalledSeconds)s }
                action: cancel
              - name: kept
                match: 'metadata.labels.keep = "true"'
                action: ignore
            \(protectsFrozen ? frozen : "  # nothing is frozen")
            safety:
              confirmations: 2
              cancels_per_poll: 20
              cancels_per_hour: \(Self.cancelsPerHour)
              max_overdue_share: 100%
              max_failed_cancels: 0
              canary: \(hasCanary)
            verify: { within: \(Self.withinSeconds)s, attempts: \(Self.attempts) }

            """
    }

    private func text(of service: SoakService, port: Int, tokenPath: String) -> String {
        """
          - name: \(service.rawValue)
            endpoint: http://127.0.0.1:\(port)/v1
            fields:
              create_time: [metadata.createTime]
              start_time: [metadata.startTime]
              update_time: [metadata.updateTime]
              progress: [metadata.progressPercent]
            parents: [\(parents.filter(service.parents.contains).joined(separator: ", "))]
            interval: \(service == .alpha ? 1 : 2)s
            page_size: \(service == .beta ? 10 : 30)
            requests_per_minute: 6000
            credentials: \(service == .alpha ? "token:\(tokenPath)" : "none")
            \(service == .beta ? "filter: 'NOT done = true'" : "# no filter")
        """
    }

    /// Any text that must be refused.
    static func broken(_ good: String, _ random: inout SplitMix) -> String {
        let texts = [
            "", "moed: observe\n", good + "\u{FEFF}", good + "rules: []\n", good + "\t- [\n",
            good.replacing("version: 1", with: "version: 7"),
            good.replacing("match: 'metadata", with: "match: 'AND metadata"),
            good.replacing("cancels_per_poll: 20", with: "cancels_per_poll: -1"),
        ]
        return random.pick(texts)
    }
}
