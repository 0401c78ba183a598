import OperationsClient
import OpwatchCore
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
            let filter = service.isFilterRejected ? nil : service.plan.service.sentFilter
            let walk = service.partitions[index].begin(
                service.plan, mode: plan.policy.mode, filter: filter)
            askForPage(service, index, walk: walk, token: nil)
        }
    }

    private func askForPage(_ service: ServiceWatch, _ index: Int, walk: UInt32, token: String?) {
        let partition = service.partitions[index]
        service.lane.add(
            .page(
                parent: index, walk: walk,
                ListRequest(
                    parent: partition.partition.parent, filter: partition.walk?.filter,
                    pageSize: service.pageSize, pageToken: token)), .list)
    }

    /// Three intervals without a complete poll are told once.
    private func noticeOverdue(
        _ service: ServiceWatch, _ index: Int, at now: ContinuousClock.Instant
    ) {
        let partition = service.partitions[index]
        let limit = dependencies.real(service.plan.service.interval * 3)
        guard !partition.isOverdueReported,
            (partition.lastComplete ?? partition.overdueSince).duration(to: now) > limit
        else { return }
        service.partitions[index].isOverdueReported = true
        reporter.report(.pollOverdue(partition.partition, since: partition.lastCompleteTime))
    }

    // MARK: Answers

    func tookPage(
        _ answer: Result<PageAnswer, CallFailure>, _ service: ServiceWatch, parent index: Int,
        walk: UInt32
    ) {
        service.lane.ended()
        guard index < service.partitions.count, service.partitions[index].walkNumber == walk,
            service.partitions[index].walk != nil
        else { return }
        switch answer {
        case .failure(let failure): pageFailed(failure, service, index, walk: walk)
        case .success(let page): readPage(page, service, index, walk: walk)
        }
    }

    /// Reads a whole page before anything of it counts, asks for the next one, then decides.
    private func readPage(
        _ page: PageAnswer, _ service: ServiceWatch, _ index: Int, walk: UInt32
    ) {
        noteClock(service, page.time.date)
        let now = page.time.date ?? dependencies.now()
        var reader = ListPageReader(page.body, fields: service.plan.fields)
        var sightings: [Sighting] = []
        do throws(WireError) {
            while try reader.next(into: &row) {
                sightings.append(service.plan.sighting(of: row, at: now))
            }
        } catch {
            return pollFailed(service, index, reason: "malformed page: \(error)")
        }
        let next = service.partitions[index].walk?.pages.advance(
            token: reader.nextPageToken, operations: reader.operationCount,
            unreachable: reader.unreachableCount)
        if case .page(let token)? = next { askForPage(service, index, walk: walk, token: token) }
        take(sightings, service, index, at: now)
        switch next {
        case .page?, nil: break
        case .end(let complete)?:
            complete ? pollCompleted(service, index, at: now) : pollPartial(service, index)
        case .failed(let failure)?:
            reporter.report(
                .limitReached(
                    service.partitions[index].partition, failure.description,
                    limit: "\(Limits.pagesPerPollMax) pages"))
            pollFailed(service, index, reason: failure.description)
        }
    }

    /// Decides about every operation of a page; one batch of records.
    private func take(
        _ sightings: [Sighting], _ service: ServiceWatch, _ index: Int, at now: Timestamp
    ) {
        guard var poll = service.partitions[index].walk?.poll else { return }
        var batch = Batch()
        let mayStamp = service.clock == .agrees
        for sighting in sightings {
            if let finding = poll.read(sighting, at: now, mayStamp: mayStamp, in: state) {
                take(finding, service, index, into: &batch)
            }
            let identity = OperationIdentity(
                endpoint: poll.partition.endpoint, name: sighting.snapshot.name)
            guard let ref = state.find(identity), state.partition(ref) == poll.partition else {
                continue
            }
            let findings = poll.judge(
                sighting, ref, at: now, in: state, memory: &memory,
                mayRetryCancel: looks[ref]?.verification.mayRetry ?? false)
            for finding in findings { take(finding, service, index, into: &batch) }
        }
        service.partitions[index].walk?.poll = poll
        commit(batch)
    }

    private func take(
        _ finding: Poll.Finding, _ service: ServiceWatch, _ index: Int, into batch: inout Batch
    ) {
        switch finding {
        case .record(let record): apply(record, service, into: &batch)
        case .verify(let ref): looks[ref]?.dueAt = dependencies.instant()
        case .duplicate(let operation, let owner):
            guard
                service.partitions[index].reportedDuplicates.insertBounded(operation.name)
            else { return }
            batch.reports.append(.duplicateListing(service.label(operation), owner: owner))
        case .unusable(let ref, let reason):
            guard memory.reported.insert(ref).inserted else { return }
            batch.reports.append(.unusable(service.label(state.identity(ref)), reason: reason))
        case .foreignCancel(let ref):
            guard memory.reported.insert(ref).inserted else { return }
            batch.reports.append(.foreignCancel(service.label(state.identity(ref))))
        case .untrackable(let reason):
            guard service.partitions[index].reportedUntrackable.insertBounded(reason) else {
                return
            }
            batch.reports.append(
                .limitReached(
                    service.partitions[index].partition, "cannot be tracked: \(reason)",
                    limit: "\(Limits.nameBytesMax) bytes"))
        }
    }

    // MARK: The end of a walk

    private func pollCompleted(_ service: ServiceWatch, _ index: Int, at now: Timestamp) {
        guard let walk = service.partitions[index].walk else { return }
        let instant = dependencies.instant()
        let partition = service.partitions[index].partition
        let interval = dependencies.real(service.plan.service.interval)
        let isAfterGap =
            service.partitions[index].lastComplete.map { $0.duration(to: instant) > interval * 3 }
            ?? false
        if isAfterGap { pauseStalls(of: partition) }
        let number = service.partitions[index].complete(isAfterGap: isAfterGap)
        let completion = walk.poll.finish(number: number, in: state, memory: &memory)
        let isWarnOnly = service.partitions[index].isWarnOnly || isAfterGap
        if service.partitions[index].failure != nil || service.partitions[index].isOverdueReported {
            reporter.report(.pollRecovered(partition))
        }
        service.partitions[index].finishWalk(walk.poll, isWarnOnly: isWarnOnly, at: instant, now)
        noticeFilterDrop(walk.poll, service, index)
        line(up: isWarnOnly ? [] : completion.candidates, service, index)
        judgeShare(completion.candidates, service, index, at: now)
        lookAfter(completion.absent, service, index, number: number)
        state.prune(at: now)
        status.polled(at: now)
    }

    private func noticeFilterDrop(_ poll: Poll, _ service: ServiceWatch, _ index: Int) {
        let dropsAll = poll.operationCount > 0 && poll.filteredCount == poll.operationCount
        if dropsAll, !service.partitions[index].isFilterDropReported {
            reporter.report(.filterDropsAll(poll.partition, count: poll.operationCount))
        }
        service.partitions[index].isFilterDropReported = dropsAll
    }

    private func pollPartial(_ service: ServiceWatch, _ index: Int) {
        let unreachable = service.partitions[index].walk?.pages.unreachable ?? 0
        let reason = "\(unreachable) locations unreachable"
        if service.partitions[index].failure != reason {
            reporter.report(
                .pollPartial(service.partitions[index].partition, unreachable: unreachable))
        }
        service.partitions[index].failure = reason
        abandonWalk(service, index)
    }

    private func pageFailed(
        _ failure: CallFailure, _ service: ServiceWatch, _ index: Int, walk: UInt32
    ) {
        if let retryAfter = failure.retryAfter {
            service.lane.close(until: dependencies.instant().advanced(by: retryAfter))
        }
        guard let current = service.partitions[index].walk else { return }
        switch failure {
        case .invalidArgument, .unsupported:
            if current.pages.pages > 0, !current.isRestarted {
                return restartWalk(service, index, filter: current.filter)
            }
            if current.filter != nil, service.plan.service.filter != nil {
                service.isFilterRejected = true
                reporter.report(
                    .filterRejected(
                        service.partitions[index].partition, reason: failure.description))
                return restartWalk(service, index, filter: nil)
            }
        case .tooLarge(let limit):
            if service.pageSize > Limits.pageSizeMin {
                service.pageSize = max(Limits.pageSizeMin, service.pageSize / 2)
                reporter.report(
                    .limitReached(
                        service.partitions[index].partition,
                        "a page was too large; asking for \(service.pageSize) operations now",
                        limit: "\(limit) bytes"))
            }
        case .throttled, .unauthenticated, .denied, .notFound, .precondition, .unavailable,
            .malformed, .timedOut, .notSent:
            break
        }
        pollFailed(service, index, reason: failure.description)
    }

    /// From page one, once: a page token may expire in mid-walk, a filter may be refused.
    private func restartWalk(_ service: ServiceWatch, _ index: Int, filter: String?) {
        let walk = service.partitions[index].begin(
            service.plan, mode: plan.policy.mode, filter: filter)
        service.partitions[index].walk?.isRestarted = true
        askForPage(service, index, walk: walk, token: nil)
    }

    func pollFailed(_ service: ServiceWatch, _ index: Int, reason: String) {
        if service.partitions[index].failure != reason {
            reporter.report(.pollFailed(service.partitions[index].partition, reason: reason))
        }
        service.partitions[index].failure = reason
        service.partitions[index].failedAt = service.partitions[index].failedAt ?? dependencies.now()
        abandonWalk(service, index)
    }

    private func abandonWalk(_ service: ServiceWatch, _ index: Int) {
        service.partitions[index].walk = nil
        pauseStalls(of: service.partitions[index].partition)
    }

    private func pauseStalls(of partition: Partition) {
        let state = state
        memory.resetStalls { state.partition($0) == partition }
    }

    // MARK: The service's clock

    /// Compares a `Date` with the local clock; tells of changes only.
    func noteClock(_ service: ServiceWatch, _ date: Timestamp?) {
        let clock = ServiceClock(date: date, local: dependencies.now())
        service.clockDifference = date?.duration(since: dependencies.now()) ?? .zero
        defer { service.clock = clock }
        switch (service.clock, clock) {
        case (.unknown, .agrees), (.agrees, .agrees), (.missing, .missing), (.differs, .differs):
            break
        case (_, .agrees): reporter.report(.clockAgrees(service: service.name))
        case (_, .missing):
            reporter.report(
                .clockDisagrees(
                    service: service.name, reason: "its answers have no Date; local time is used"))
        case (_, .differs(let seconds)):
            reporter.report(
                .clockDisagrees(
                    service: service.name, reason: "its clock is \(seconds) s ahead of ours"))
        case (_, .unknown): break
        }
    }
}

extension PartitionWatch {
    /// Keeps what a complete walk told.
    fileprivate mutating func finishWalk(
        _ poll: Poll, isWarnOnly: Bool, at instant: ContinuousClock.Instant, _ now: Timestamp
    ) {
        wasWarnOnly = isWarnOnly
        self.isWarnOnly = false
        walk = nil
        failure = nil
        failedAt = nil
        isOverdueReported = false
        lastComplete = instant
        lastCompleteTime = now
        startedInPoll = 0
        liveCount = poll.liveCount
        matchCounts = poll.matchCounts
    }
}

extension Set<String> {
    /// Inserts unless the set holds a thousand already; says whether the element is new.
    fileprivate mutating func insertBounded(_ element: String) -> Bool {
        count < 1_000 && insert(element).inserted
    }
}
