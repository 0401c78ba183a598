import OpwatchCore
import WireFormat

/// The share of a service's live operations that would be cancelled, by the last complete polls of
/// its parents: fewer of them and more that live than the daemon can have counted.
///
/// "Opens when the operations that only rails or a shut service hold back are more than
/// `max_overdue_share` of those that run and more than `cancels_per_poll`."
struct ShownShare: Sendable {
    /// Whether a breaker must be open.
    let isOver: Bool

    init(of name: String, in world: JudgedWorld) {
        guard let policy = world.policy, policy.maxOverdueSharePercent < 100 else {
            isOver = false
            return
        }
        var live = 0
        var cancellable = 0
        for life in world.lives {
            guard let place = life.row.partition, let poll = life.row.poll,
                world.partitions[place].service == name, world.partitions[place].isWatched
            else { continue }
            live += 1
            if Self.isSurelyCounted(life, poll, world.partitions[place], policy, world) {
                cancellable += 1
            }
        }
        isOver =
            cancellable > policy.cancelsPerPoll
            && cancellable * 100 > policy.maxOverdueSharePercent * live
    }

    /// Listed once by the last complete poll, overdue, and nothing of it was ever asked.
    private static func isSurelyCounted(
        _ life: TrueLife, _ poll: PollStamp, _ partition: PartitionView,
        _ policy: SimulatedPolicy, _ world: JudgedWorld
    ) -> Bool {
        let name = world.names[life.name]
        guard poll.ordinal == partition.ordinal, poll.gap == partition.gap,
            poll.policy == world.policyNumber, !life.row.isListedTwice,
            let completedAt = partition.completedAt,
            world.now.duration(since: completedAt) <= partition.interval,
            let rule = life.row.rule.map({ policy.rules[$0] }), rule.action == .cancel,
            rule.warnBefore == nil
        else { return false }
        guard life.settled == nil, life.intents.isEmpty, !life.wasShownOddly,
            !life.wasShownFlagged, life.shownOverAt == nil, name.lastAnswer == nil,
            name.lives.count == 1, name.tracked?.since == life.operation.created,
            !world.unsupported.contains(where: {
                $0.endpoint == name.identity.endpoint && $0.collection == name.identity.collection
            })
        else { return false }
        return Clock.allCases.contains { clock in
            clock != .stalled && life.row.count(of: clock).confirmations > 0
        }
    }
}
