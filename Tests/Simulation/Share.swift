import OpwatchCore
import WireFormat

/// The share of a service's live operations that truly should be cancelled.
///
/// "Opens when the operations that only rails or a shut service hold back are more than
/// `max_overdue_share` of those that run and more than `cancels_per_poll`." Refused, defied and
/// asked ones are not counted.
struct Share: Sendable {
    /// Whether a breaker is right to stay open.
    let isAbove: Bool

    init(of service: String, in world: JudgedWorld) {
        guard let policy = world.policy, let watched = policy.service(named: service) else {
            isAbove = true
            return
        }
        var live = 0
        var cancellable = 0
        for life in world.lives where !life.isOver && !life.isClosed {
            guard life.operation.endpoint == watched.endpoint,
                watched.parents.contains(life.operation.parent)
            else { continue }
            live += 1
            guard life.settled == nil, life.flaggedAt == nil, !life.wasShownFlagged,
                let since = Overdue.since(life, under: policy, in: world), since < world.now
            else { continue }
            cancellable += 1
        }
        isAbove =
            cancellable > policy.cancelsPerPoll
            && cancellable * 100 > policy.maxOverdueSharePercent * live
    }
}
