import OperationsClient
import OpwatchCore
import OpwatchSystemd
import WireFormat

extension Watcher {
    /// Begins the polls of a service whose time has come; a walk that is still under way skips.
    func startPolls(of service: ServiceWatch, at now: ContinuousClock.Instant) {
        let interval = dependencies.real(service.plan.service.interval)
        for index in service.partitions.indices where service.partitions[index].nextPollAt <= now {
            let next = service.partitions[index].nextPollAt.advanced(by: interval)
            service.partitions[index].nextPollAt = next > now ? next : now.advanced(by: interval)
            noticeOverdue(service, index, at: now)
            guard service.partitions[index].walk == nil else { continue }
            startWalk(
                service, index,
                filter: service.isFilterRejected ? nil : service.plan.service.sentFilter)
        }
    }

    /// From page one.
    /// - Parameter filterRefusal: why the walk before failed with a filter.
    func startWalk(
        _ service: ServiceWatch, _ index: Int, filter: String?, filterRefusal: String? = nil
    ) {
        let walk = service.partitions[index].begin(
            service.plan, mode: plan.policy.mode, filter: filter, pageSize: service.pageSize,
            filterRefusal: filterRefusal)
        askForPage(service, index, walk: walk, token: nil)
    }

    func askForPage(_ service: ServiceWatch, _ index: Int, walk: UInt32, token: String?) {
        let partition = service.partitions[index]
        service.lane.add(
            .page(
                parent: index, walk: walk,
                ListRequest(
                    parent: partition.partition.parent, filter: partition.walk?.filter,
                    pageSize: partition.walk?.pageSize ?? service.pageSize, pageToken: token)),
            .list)
    }

    /// Three intervals without a complete poll are told once.
    private func noticeOverdue(
        _ service: ServiceWatch, _ index: Int, at now: ContinuousClock.Instant
    ) {
        let partition = service.partitions[index]
        guard !partition.isOverdueReported, partition.unseen(at: now) > gapMax(service)
        else { return }
        service.partitions[index].isOverdueReported = true
        reporter.report(.pollOverdue(partition.partition, since: partition.lastCompleteTime))
    }

    // MARK: The end of a walk

    func pollCompleted(_ service: ServiceWatch, _ index: Int, at now: Timestamp) {
        let before = service.partitions[index]
        guard let walk = before.walk else { return }
        let instant = dependencies.instant()
        let isAfterGap = before.lastComplete != nil && before.unseen(at: instant) > gapMax(service)
        if isAfterGap { pauseStalls(of: before.partition) }
        let number = service.partitions[index].complete(isAfterGap: isAfterGap, at: instant, now)
        let completion = walk.poll.finish(number: number, in: state, memory: &memory)
        if before.trouble != nil || before.isOverdueReported {
            reporter.report(.pollRecovered(before.partition))
        }
        noticeFilterDrop(walk.poll, service, index)
        noticeIdleRules(walk.poll, service, index)
        let isWarnOnly = before.isWarnOnly || isAfterGap
        putInLine(isWarnOnly ? [] : completion.candidates, service, index)
        judgeShare(completion.candidates, service, index, at: now)
        lookAfter(completion.absent, service, index, number: number)
        // A clock that is wrong must not make the hourly budget forget.
        if service.clock == .agrees { prune(at: now) }
        status.polled(at: now)
    }

    /// An `ignore` rule that matches nothing protects nothing, which is worth a look.
    private func noticeIdleRules(_ poll: Poll, _ service: ServiceWatch, _ index: Int) {
        guard poll.liveCount > 0 else { return }
        for (rule, count) in zip(poll.plan.rules.map(\.rule), poll.matchCounts)
        where rule.action == .ignore && count == 0 {
            guard service.partitions[index].reportedIdleRules.insert(rule.name).inserted else {
                continue
            }
            reporter.note(
                .info,
                "\(service.name) \(poll.partition.parent): the ignore rule \(rule.name) matches "
                    + "none of \(poll.liveCount) live operations")
        }
    }

    private func noticeFilterDrop(_ poll: Poll, _ service: ServiceWatch, _ index: Int) {
        let dropsAll = poll.operationCount > 0 && poll.filteredCount == poll.operationCount
        if dropsAll, !service.partitions[index].isFilterDropReported {
            reporter.report(.filterDropsAll(poll.partition, count: poll.operationCount))
        }
        service.partitions[index].isFilterDropReported = dropsAll
    }

    func pollPartial(_ service: ServiceWatch, _ index: Int) {
        let partition = service.partitions[index].partition
        let unreachable = service.partitions[index].walk?.pages.unreachable ?? 0
        let trouble = PollTrouble(.partial, "\(unreachable) locations unreachable")
        if service.partitions[index].fail(trouble, at: dependencies.now()) {
            reporter.report(.pollPartial(partition, unreachable: unreachable))
        }
        pauseStalls(of: partition)
    }

    func pollFailed(_ service: ServiceWatch, _ index: Int, _ trouble: PollTrouble) {
        let partition = service.partitions[index].partition
        if service.partitions[index].fail(trouble, at: dependencies.now()) {
            reporter.report(.pollFailed(partition, reason: trouble.reason))
        }
        pauseStalls(of: partition)
    }

    private func pauseStalls(of partition: Partition) {
        let state = state
        memory.resetStalls { state.partition($0) == partition }
    }

    // MARK: The service's clock

    /// When an answer was given: by its `Date`, or by our clock where that cannot be relied on.
    func time(of answer: AnswerTime, _ service: ServiceWatch) -> Timestamp {
        guard service.clock == .agrees, let date = answer.date else { return dependencies.now() }
        return date
    }

    /// Compares a `Date` with the local clock; tells of changes only.
    func noteClock(_ service: ServiceWatch, _ date: Timestamp?) {
        let before = service.look(atDate: date, local: dependencies.now())
        switch (before, service.clock) {
        case (.unknown, .agrees), (.agrees, .agrees), (.missing, .missing), (.differs, .differs):
            break
        case (_, .agrees): reporter.report(.clockAgrees(service: service.name))
        case (_, .missing):
            reporter.report(
                .clockDisagrees(
                    service: service.name, reason: "its answers have no Date; local time is used"))
        case (_, .differs(let seconds)):
            let difference = DurationText.short(.seconds(seconds.magnitude))
            let side = seconds < 0 ? "behind" : "ahead of"
            reporter.report(
                .clockDisagrees(
                    service: service.name, reason: "its clock is \(difference) \(side) ours"))
        case (_, .unknown): break
        }
    }
}
