import OperationsSimulator
import SeededRandom
import WireFormat

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

/// The services that are watched; each has a server of its own.
enum SoakService: String, CaseIterable {
    case alpha
    case beta
    /// Refuses cancels in ways that are remembered for its other operations, too.
    case odd

    var parents: [String] {
        switch self {
        case .alpha: ["projects/a0", "projects/a1", "projects/a2"]
        case .beta: ["projects/b0", "projects/b1"]
        case .odd: ["projects/denies", "projects/lacks"]
        }
    }
}

/// One operation of the soak.
struct SoakOperation {
    enum Kind: String {
        case deployment = "CREATE_VERSION"
        case deletion = "DELETE_VERSION"
        case training = "TRAIN"
        case report = "REPORT"
    }

    let script: ScriptedOperation
    let service: SoakService
    let kind: Kind
    /// By the service's clock.
    let created: Timestamp

    var name: String { script.name }
    var parent: String { script.parent }
    var isKept: Bool { script.life == .kept }
    var isFrozen: Bool { script.model == "frozen" }

    /// Whether it goes on whatever it is asked, so that a cancel ends as refused or defied.
    var isStubborn: Bool {
        switch script.life {
        case .ignoresCancel, .refusesUnimplemented, .refusesPrecondition, .deniedCancel: true
        case .normal, .slow, .queuedForEver, .stalled, .finishesAnyway, .failsOtherwise,
            .vanishes, .cancelledByOther, .kept:
            false
        }
    }
}

extension SoakOperation {
    /// An operation of any life, of a service where that harms nobody else.
    static func script(
        _ id: String, _ random: inout SplitMix
    ) -> (script: ScriptedOperation, service: SoakService, kind: Kind) {
        var script = ScriptedOperation(
            id, cancelTakes: .milliseconds(100 + random.below(3_000)),
            reportsProgress: random.once(in: 3))
        var service = random.pick([SoakService.alpha, .alpha, .beta])
        var kind = Kind.deployment
        script.life = life(&random)
        script.parent = random.pick(service.parents)
        switch script.life {
        case .deniedCancel: (service, script.parent) = (.odd, "projects/denies")
        case .refusesUnimplemented: (service, script.parent) = (.odd, "projects/lacks")
        case .queuedForEver: kind = .deletion
        case .stalled: kind = .training
        case .slow where random.once(in: 4): kind = .report
        case .slow where random.once(in: 3): script.model = "frozen"
        case .normal, .slow, .ignoresCancel, .refusesPrecondition, .finishesAnyway,
            .failsOtherwise, .vanishes, .cancelledByOther, .kept:
            break
        }
        script.type = kind.rawValue
        return (script, service, kind)
    }

    private static func life(_ random: inout SplitMix) -> Life {
        let seconds = Int64(1 + random.below(25))
        let quick: [Life] = [
            .normal(after: .seconds(seconds)), .normal(after: .seconds(seconds), outcome: .nothing),
            .normal(after: .seconds(seconds), outcome: .cancelled),
            .cancelledByOther(
                flagAfter: .seconds(seconds / 3), endsAfter: .seconds(seconds)),
        ]
        let endless: [Life] = [
            .slow, .slow, .slow, .slow, .slow, .queuedForEver, .finishesAnyway, .failsOtherwise,
            .vanishes, .stalled(after: .seconds(2 + seconds / 5)), .kept,
        ]
        let stubborn: [Life] = [
            .ignoresCancel(), .ignoresCancel(showsFlag: true), .refusesPrecondition,
            .refusesUnimplemented, .deniedCancel,
        ]
        return switch random.below(12) {
        case 0..<4: random.pick(quick)
        case 4..<10: random.pick(endless)
        default: random.pick(stubborn)
        }
    }
}
