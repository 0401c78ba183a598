import OperationsSimulator
import OpwatchCore

/// The operations of the demo, what the policy makes of each, and how it must end.
struct DemoScript {
    struct Role {
        let operation: ScriptedOperation
        let rule: String
        let end: End

        init(_ operation: ScriptedOperation, rule: String, end: End) {
            self.operation = operation
            self.rule = rule
            self.end = end
        }
    }

    enum End: Equatable {
        /// Ends in this verdict.
        case verdict(Verdict)
        /// No cancel is ever sent for it.
        case untouched

        var text: String {
            switch self {
            case .verdict(let verdict): verdict.rawValue
            case .untouched: "untouched"
            }
        }
    }

    private static let parent = "projects/demo"
    /// Here cancel is not implemented at all, which is remembered for the whole parent.
    private static let legacy = "projects/legacy"

    let roles: [Role] = [
        // The oldest deadline goes first and alone: the canary.
        Role(
            ScriptedOperation(
                "deploy-runaway", under: parent, created: .minutes(-50), life: .slow),
            rule: "slow-deploys", end: .verdict(.cancelled)),
        Role(
            ScriptedOperation(
                "deploy-queued-for-ever", under: parent, created: .minutes(-11),
                life: .queuedForEver),
            rule: "slow-deploys", end: .verdict(.cancelled)),
        Role(
            ScriptedOperation(
                "update-stalled", under: parent, type: "UPDATE_VERSION",
                created: .minutes(-20), reportsProgress: true,
                life: .stalled(after: .minutes(22))),
            rule: "stalled-updates", end: .verdict(.cancelled)),
        Role(
            ScriptedOperation(
                "deploy-ignores-cancel", under: parent, created: .minutes(-43),
                life: .ignoresCancel()),
            rule: "slow-deploys", end: .verdict(.defied)),
        Role(
            ScriptedOperation(
                "deploy-refuses-cancel", under: parent, created: .minutes(-42),
                life: .refusesPrecondition),
            rule: "slow-deploys", end: .verdict(.refused)),
        Role(
            ScriptedOperation(
                "deploy-cancel-unimplemented", under: legacy, created: .minutes(-44),
                life: .refusesUnimplemented),
            rule: "slow-deploys", end: .verdict(.refused)),
        Role(
            ScriptedOperation(
                "deploy-finishes-anyway", under: parent, created: .minutes(-41),
                life: .finishesAnyway),
            rule: "slow-deploys", end: .verdict(.finishedAnyway)),
        Role(
            ScriptedOperation(
                "deploy-fails-otherwise", under: parent, created: .minutes(-40),
                life: .failsOtherwise),
            rule: "slow-deploys", end: .verdict(.failedOtherwise)),
        Role(
            ScriptedOperation(
                "deploy-vanishes", under: parent, created: .minutes(-39), life: .vanishes),
            rule: "slow-deploys", end: .verdict(.vanished)),
        Role(
            ScriptedOperation(
                "deploy-cancelled-by-other", under: parent, created: .minutes(-20),
                life: .cancelledByOther(flagAfter: .minutes(22), endsAfter: .minutes(27))),
            rule: "slow-deploys", end: .verdict(.cancelledByOther)),
        Role(
            ScriptedOperation(
                "deploy-protected", under: parent, created: .minutes(-600), life: .kept),
            rule: "protected", end: .untouched),
    ]

    /// Healthy ones: without them half of what lives would be overdue and the breaker would open.
    var operations: [ScriptedOperation] {
        let healthy = ScriptedOperation(
            "deploy-healthy", under: Self.parent, created: .minutes(-5),
            life: .normal(after: .minutes(40)))
        let elsewhere = ScriptedOperation(
            "deploy-healthy", under: Self.legacy, created: .minutes(-5),
            life: .normal(after: .minutes(40)))
        return roles.map(\.operation) + healthy.series(count: 12) + elsewhere.series(count: 4)
    }

    func policy(port: Int) -> String {
        """
        version: 1
        mode: enforce
        services:
          - name: ml
            endpoint: http://127.0.0.1:\(port)/v1
            fields:
              create_time: [metadata.createTime]
              start_time: [metadata.startTime]
              update_time: [metadata.updateTime]
              progress: [metadata.progressPercent]
              end_time: [metadata.endTime]
              cancel_requested: [metadata.isCancellationRequested]
            parents: [\(Self.parent), \(Self.legacy)]
            filter: 'NOT done = true'
            interval: 30s
            page_size: 10
            requests_per_minute: 60000
            credentials: none
        rules:
          - name: protected
            match: 'metadata.labels.keep = "true"'
            action: ignore
          - name: slow-deploys
            match: 'metadata.operationType = "CREATE_VERSION"'
            timeouts: { total: 45m, queued: 15m }
            warn_before: 3m
            action: cancel
          - name: stalled-updates
            match: 'metadata.operationType = "UPDATE_VERSION"'
            timeouts: { stalled: 5m, total: 42m }
            warn_before: 2m
            action: cancel
        verify: { within: 2m, attempts: 3 }

        """
    }
}

extension Duration {
    fileprivate static func minutes(_ count: Int) -> Duration { .seconds(60 * count) }
}
