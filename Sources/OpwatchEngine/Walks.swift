import OpwatchCore
import OpwatchReports
import WireFormat

/// Begins the polls of parents and asks for their pages.
struct Walks {
    let facts: Facts
    let roster: Roster

    /// Begins the polls whose time has come; a walk that is still under way skips.
    func startDue(_ service: LiveService) {
        let now = facts.now.instant
        let interval = service.plan.service.interval
        while let id = service.partitions.schedule.takeDue(at: now) {
            guard let partition = service.partitions[id] else { continue }
            let due = partition.nextPollAt.advanced(by: interval)
            let next = due > now ? due : now.advanced(by: interval)
            service.partitions.update(id) { $0.nextPollAt = next }
            service.partitions.schedule.schedule(
                id, at: next.advanced(by: roster.chance(service.jitterMax)))
            noticeStale(service, id)
            guard partition.walk == nil, !partition.isPaused(at: now) else { continue }
            start(
                service, id,
                ListWalk.Way(
                    of: service.plan.service, isFilterRejected: service.isFilterRejected,
                    service.pageSize))
        }
    }

    /// From page one.
    /// - Parameter former: the walk that is begun again.
    func start(
        _ service: LiveService, _ id: PartitionID, _ way: ListWalk.Way,
        goingOnFrom former: LivePartition.Walk? = nil
    ) {
        guard let partition = service.partitions[id] else { return }
        let interval = service.plan.service.interval
        // Where the pace cannot hold the interval, polls that follow one another are no gap.
        let cycle = (partition.lastWalkTime + interval) * 2
        let poll = Poll(
            partition: partition.partition, plan: service.plan, mode: roster.plan.policy.mode,
            walk: roster.nextWalk(), gapMax: max(interval * 3, cycle))
        let walk = LivePartition.Walk(
            poll: poll,
            startedAt: former?.startedAt ?? service.lane.opening(after: facts.now.instant),
            pages: ListWalk(way))
        service.partitions.update(id) { $0.walk = walk }
        askForPage(service, id, walk, token: nil)
    }

    func askForPage(
        _ service: LiveService, _ id: PartitionID, _ walk: LivePartition.Walk, token: String?
    ) {
        let isRetry = service.partitions[id]?.trouble != nil
        service.add(
            .page(
                id, walk: walk.poll.walk, isRetry: isRetry,
                walk.pages.request(of: walk.poll.partition.parent, token: token)))
    }

    /// Three intervals without a complete poll are told once, with what is known of the cause.
    private func noticeStale(_ service: LiveService, _ id: PartitionID) {
        let (now, gap) = (facts.now.instant, service.gapMax)
        guard service.partitions.update(id, { $0.noticeStale(at: now, gap: gap) }) == true,
            let partition = service.partitions[id]
        else { return }
        facts.tell(
            .pollOverdue(
                partition.partition, since: partition.lastCompleteTime, cause: partition.cause))
    }
}
