import OperationsClient
import OpwatchCore
import OpwatchSystemd
import WireFormat

extension Watcher {
    /// Begins the polls of a service whose time has come; a walk that is still under way skips.
    func startPolls(of service: ServiceWatch, at now: ContinuousClock.Instant) {
        let interval = service.plan.service.interval
        let jitterMax = jitterMax(service.plan.service)
        while let index = service.schedule.takeDue(at: now) {
            let due = service.partitions[index].nextPollAt.advanced(by: interval)
            let next = due > now ? due : now.advanced(by: interval)
            service.update(index) { $0.nextPollAt = next }
            service.schedule.schedule(
                index, at: next.advanced(by: dependencies.jitter(jitterMax)))
            noticeStale(service, index, at: now)
            let partition = service.partitions[index]
            guard partition.walk == nil, !partition.isPaused(at: now) else { continue }
            startWalk(
                service, index,
                filter: service.isFilterRejected ? nil : service.plan.service.sentFilter)
        }
    }

    /// What chance adds to the time of a poll, at most.
    func jitterMax(_ service: WatchedService) -> Duration {
        min(service.interval / 10, .seconds(10))
    }

    /// From page one.
    /// - Parameters:
    ///   - filterRefusal: why the walk before failed with a filter.
    ///   - former: the walk that is begun again.
    func startWalk(
        _ service: ServiceWatch, _ index: Int, filter: String?, filterRefusal: String? = nil,
        goingOnFrom former: PartitionWatch.Walk? = nil, isRestarted: Bool = false
    ) {
        lastWalk &+= 1
        let partition = service.partitions[index]
        let interval = service.plan.service.interval
        // Where the pace cannot hold the interval, polls that follow one another are no gap.
        let cycle = (partition.lastWalkTime + interval) * 2
        let poll = Poll(
            partition: partition.partition, plan: service.plan, mode: plan.policy.mode,
            walk: lastWalk, gapMax: max(interval * 3, cycle))
        let walk = PartitionWatch.Walk(
            poll: poll, startedAt: former?.startedAt ?? dependencies.instant(), filter: filter,
            pageSize: service.pageSize.current, filterRefusal: filterRefusal,
            isRestarted: isRestarted)
        service.update(index) { $0.walk = walk }
        askForPage(service, index, walk, token: nil)
    }

    func askForPage(
        _ service: ServiceWatch, _ index: Int, _ walk: PartitionWatch.Walk, token: String?
    ) {
        let partition = service.partitions[index]
        let request = Request.page(
            parent: index, walk: walk.poll.walk, isRetry: partition.trouble != nil,
            ListRequest(
                parent: partition.partition.parent, filter: walk.filter, pageSize: walk.pageSize,
                pageToken: token))
        add(request, to: service)
    }

    /// Three intervals without a complete poll are told once, with what is known of the cause.
    private func noticeStale(
        _ service: ServiceWatch, _ index: Int, at now: ContinuousClock.Instant
    ) {
        let gap = gapMax(service)
        guard service.update(index, { $0.noticeStale(at: now, gap: gap) }) else { return }
        let partition = service.partitions[index]
        reporter.report(
            .pollOverdue(
                partition.partition, since: partition.lastCompleteTime,
                cause: cause(of: partition)))
    }

    /// Why there is no complete poll, as far as anybody knows by now.
    func cause(of partition: PartitionWatch) -> String? {
        if let failure = partition.lastFailure { return failure }
        guard let walk = partition.walk else { return nil }
        return walk.pages.pages == 0
            ? "no answer yet" : "the poll under way has read \(walk.pages.pages) pages"
    }

    // MARK: The end of a walk

    func pollCompleted(_ service: ServiceWatch, _ index: Int, at now: Timestamp) {
        let before = service.partitions[index]
        guard let walk = before.walk else { return }
        let instant = dependencies.instant()
        let isAfterGap = before.isWalkAfterGap(gapMax(service))
        if isAfterGap { pauseStalls(of: before.partition) }
        let number = service.update(index) {
            $0.complete(isAfterGap: isAfterGap, at: instant, now)
        }
        service.throttledParents = []
        let completion = walk.poll.finish(number: number, in: state, memory: &memory)
        if before.isInTrouble {
            reporter.report(.pollRecovered(before.partition))
        }
        noticeFilterDrop(walk.poll, service, index)
        noticeIdleRules(walk, service, index)
        noticePace(service, index)
        service.pageSize.polled()
        var batch = Batch()
        for stalling in completion.stallings { apply(stalling, service, into: &batch) }
        commit(batch)
        let isWarnOnly = before.isWarnOnly || isAfterGap
        putInLine(isWarnOnly ? [] : completion.candidates, service, index)
        judgeShare(completion.candidates, service, index, at: now)
        fetchAbsent(completion.absent, service, number: number)
        fetchRenewed(completion.renewed, service)
        // A clock that is wrong must not make the hourly budget forget.
        if service.clock == .agrees { prune(at: now) }
        status.polled(at: now)
    }

    /// Says once which interval is really kept, where the one wanted is not: because the pace does
    /// not allow it, or because the service is slow.
    private func noticePace(_ service: ServiceWatch, _ index: Int) {
        guard !service.isPaceReported else { return }
        let partition = service.partitions[index]
        let interval = service.plan.service.interval
        let perMinute = service.plan.service.requestsPerMinute
        let taken = partition.lastWalkTime
        let text: String
        let kept = service.paceInterval
        if let requests = service.requestsOfRound, kept > interval {
            text =
                "\(service.name): a poll of all parents takes \(requests) requests, and "
                + "requests_per_minute: \(perMinute) lets each be polled every "
                + "\(DurationText.short(kept)), not every \(DurationText.short(interval))"
        } else if taken > interval * 3 {
            text =
                "\(service.name) \(partition.partition.parent): a poll takes "
                + "\(DurationText.short(.seconds(taken.components.seconds))), so the interval of "
                + "\(DurationText.short(interval)) is not kept"
        } else {
            return
        }
        service.isPaceReported = true
        reporter.note(.warning, text)
    }

    /// A rule that matches nothing is worth a look: an `ignore` rule then protects nothing, and one
    /// that reads what no operation has may be misspelt.
    private func noticeIdleRules(
        _ walk: PartitionWatch.Walk, _ service: ServiceWatch, _ index: Int
    ) {
        let poll = walk.poll
        guard poll.liveCount > 0 else { return }
        for (position, rule) in poll.plan.rules.map(\.rule).enumerated()
        where poll.matchCounts[position] == 0 {
            let isReadable = rule.match == nil || walk.readableRules.contains(position)
            guard rule.action == .ignore || !isReadable,
                service.update(index, { $0.reportedIdleRules.insert(rule.name).inserted })
            else { continue }
            let start =
                "\(service.name) \(poll.partition.parent): the \(rule.action.rawValue) rule "
            reporter.note(
                isReadable ? .info : .warning,
                start + "\(rule.name) matches none of \(poll.liveCount) live operations"
                    + (isReadable ? "" : "; none of them has what it reads"))
        }
    }

    private func noticeFilterDrop(_ poll: Poll, _ service: ServiceWatch, _ index: Int) {
        let dropsAll = poll.runningCount > 0 && poll.filteredCount == poll.runningCount
        if dropsAll, !service.partitions[index].isFilterDropReported {
            reporter.report(.filterDropsAll(poll.partition, count: poll.runningCount))
        }
        service.update(index) { $0.isFilterDropReported = dropsAll }
    }

    func pollPartial(_ service: ServiceWatch, _ index: Int) {
        let partition = service.partitions[index]
        let places = UnreachablePlaces(
            named: partition.walk?.pages.unreachable ?? [],
            count: partition.walk?.pages.unreachableCount ?? 0)
        let trouble = PollTrouble(.partial, places.description)
        if service.update(index, { $0.fail(trouble, at: dependencies.now()) }) {
            reporter.report(.pollPartial(partition.partition, places))
        }
        pauseStalls(of: partition.partition)
    }

    func pollFailed(_ service: ServiceWatch, _ index: Int, _ trouble: PollTrouble) {
        let partition = service.partitions[index].partition
        if service.update(index, { $0.fail(trouble, at: dependencies.now()) }) {
            let instant = dependencies.instant()
            let next = service.partitions[index].pausedUntil.flatMap { until in
                until > instant
                    ? dependencies.now().advanced(by: instant.duration(to: until)) : nil
            }
            reporter.report(.pollFailed(partition, reason: trouble.reason, next: next))
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
