import OpwatchCore
import WireFormat

/// One operation of a watched parent at the end of a run, and what it may still wait for.
struct Waiting {
    let place: Int
    let service: SimulatedServicePolicy
    let policy: SimulatedPolicy
    /// Since when nothing fails, under this policy, of this daemon.
    let calm: Timestamp
    /// Operations that may be cancelled: of its service, and of all.
    let ahead: Int
    let all: Int
    let world: JudgedWorld
    /// See `Bounds.longest`.
    let longest: Duration?

    private var life: TrueLife { world.lives[place] }
    private var name: NameView { world.names[life.name] }
    private var isTracked: Bool { name.tracked?.life == place }
    private var bounds: Bounds { Bounds(policy: policy, service: service, longest: longest) }
    private var subject: String { "\(life.operation.name) (\(life.operation.number))" }

    /// "An operation was listed for the first time": what runs and is listed by the last complete
    /// poll is tracked, but where its times contradict, or those of one that had its name before.
    var seenMissing: Finding? {
        guard !life.isOver, !life.isClosed, !life.wasShownOddly, name.tracked == nil,
            !name.lives.contains(where: { world.lives[$0].wasShownOddly }),
            let partition = life.row.partition, world.partitions[partition].isWatched,
            life.row.poll?.ordinal == world.partitions[partition].ordinal
        else { return nil }
        let waited = world.now.duration(since: max(calm, life.operation.created))
        guard waited > bounds.told else { return nil }
        return Finding(.seenMissing, "\(subject) is listed since \(waited) and was never recorded")
    }

    /// "An operation that a complete poll no longer shows is fetched: done → `finished`, 404 twice
    /// → `vanished`." An open cancel ends in its verdict instead: see `Liveness`.
    var endMissing: Finding? {
        // Without a creation time nobody can tell it from a younger one of its name; with one that
        // was a lie a later user contradicts it, which is told.
        guard isTracked, let tracked = name.tracked, tracked.isCreation, let overAt = life.overAt,
            tracked.openIntents.isEmpty,
            tracked.since.isSameInstant(as: life.operation.created) || name.toldAt == nil
        else { return nil }
        let waited = world.now.duration(since: max(calm, overAt))
        guard waited > bounds.end else { return nil }
        return Finding(.endMissing, "\(subject) is over since \(waited) with no record of its end")
    }

    /// "Every state that waits names what it waits for, since when; none waits for ever in
    /// silence": told by its name, or since then of something that shuts more than one operation.
    var silentWait: Finding? {
        guard !life.isOver, life.row.partition != nil, life.settled == nil,
            life.postedAt.isEmpty, let since = overdueSince
        else { return nil }
        let waited = world.now.duration(since: max(calm, since))
        guard waited > bounds.told, !isTold(since: life.operation.created),
            world.toldGenerallyAt.map({ $0 < since }) ?? true,
            // Told when it opened; the status line goes on to name it.
            world.service(service.name).breakerOpenedAt == nil
        else { return nil }
        return Finding(.silentWait, "\(subject) is overdue since \(waited) and nothing is told")
    }

    /// An operation that stays overdue under a cancel rule is posted, but where the specification
    /// lets it be: observed only, refused or defied, flagged by others, of a kind that cannot be
    /// cancelled, behind an open breaker, shown with times that contradict.
    var cancelMissing: Finding? {
        guard policy.mode == .enforce, isTracked || !life.isClosed, life.row.partition != nil,
            life.settled == nil, !life.wasShownOddly, life.flaggedAt == nil,
            !life.wasShownFlagged, let since = overdueSince, !isHeldForLong
        else { return nil }
        let from = max(calm, since)
        let first = life.postedAt.first
        if let first, first <= from { return nil }
        let served = [first, life.overAt, world.now].compactMap(\.self).min() ?? world.now
        let waited = served.duration(since: from)
        let view = world.service(service.name)
        let bound = bounds.cancel(
            ahead: ahead, all: all, failures: view.failuresEver + view.denialsEver,
            notice: notice)
        guard waited > bound else { return nil }
        return Finding(
            .cancelMissing, "\(subject) was overdue for \(waited) without a cancel, bound \(bound)")
    }

    private var overdueSince: Timestamp? {
        guard let since = Overdue.since(life, under: policy, in: world), since < world.now
        else { return nil }
        return since
    }

    private var notice: Duration {
        let rule = policy.decidingRule(forTeam: life.operation.team)
        return rule.flatMap { policy.rules[$0].warnBefore } ?? .zero
    }

    private var isHeldForLong: Bool {
        let identity = name.identity
        return world.service(service.name).breakerOpenedAt != nil
            || world.unsupported.contains {
                $0.endpoint == identity.endpoint && $0.collection == identity.collection
            }
    }

    private func isTold(since: Timestamp) -> Bool {
        name.toldAt.map { $0 >= since } ?? false
    }
}
