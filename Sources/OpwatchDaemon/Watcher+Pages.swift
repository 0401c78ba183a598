import FilterLanguage
import OperationsClient
import OpwatchCore
import WireFormat

extension Watcher {
    func tookPage(
        _ answer: Result<PageAnswer, CallFailure>, _ service: ServiceWatch, parent index: Int,
        walk: UInt32
    ) {
        service.lane.ended(.list)
        if case .failure(let failure) = answer { closeLane(of: service, after: failure) }
        guard index < service.partitions.count, service.partitions[index].walkNumber == walk,
            let current = service.partitions[index].walk
        else { return }
        switch answer {
        case .failure(let failure): pageFailed(failure, service, index, current)
        case .success(let page): readPage(page, service, index, current)
        }
    }

    /// Reads a whole page before anything of it counts, asks for the next one, then decides.
    private func readPage(
        _ page: PageAnswer, _ service: ServiceWatch, _ index: Int, _ walk: PartitionWatch.Walk
    ) {
        noteClock(service, page.time.date)
        let now = time(of: page.time, service)
        var reader = ListPageReader(page.body, fields: service.plan.fields)
        var sightings: [Sighting] = []
        do throws(WireError) {
            while try reader.next(into: &row) {
                sightings.append(service.plan.sighting(of: row, at: now))
            }
        } catch {
            let reason = "malformed page: \(error)"
            return pollFailed(service, index, PollTrouble(.malformed, reason))
        }
        if let refusal = walk.filterRefusal, walk.pages.pages == 0 {
            noteFilterRejected(service, index, reason: refusal)
        }
        let next = service.partitions[index].walk?.pages.advance(
            token: reader.nextPageToken, operations: reader.operationCount,
            unreachable: reader.unreachableCount)
        if case .page(let token)? = next {
            askForPage(
                service, index, walk: service.partitions[index].walkNumber, token: token)
        }
        take(sightings, service, index, at: now)
        switch next {
        case .page?, nil: break
        case .end(complete: true)?: pollCompleted(service, index, at: now)
        case .end(complete: false)?: pollPartial(service, index)
        case .failed(let failure)?: walkFailed(failure, service, index)
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
        case .verify(let ref): looks[ref]?.hurry(dependencies.instant())
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

    // MARK: What goes wrong

    private func walkFailed(_ failure: ListWalk.Failure, _ service: ServiceWatch, _ index: Int) {
        let trouble = PollTrouble(failure)
        let partition = service.partitions[index]
        if let limit = failure.limitText, partition.trouble?.kind != .limit {
            reporter.report(
                .limitReached(partition.partition, failure.description, limit: limit))
        }
        pollFailed(service, index, trouble)
    }

    private func pageFailed(
        _ failure: CallFailure, _ service: ServiceWatch, _ index: Int,
        _ walk: PartitionWatch.Walk
    ) {
        switch failure {
        case .refused, .unsupported:
            if walk.pages.pages > 0 {
                // The token may have expired in mid-walk; that mends itself once.
                if !walk.isRestarted { return restart(walk, service, index) }
            } else if let filter = service.plan.service.filter?.text, walk.filter == filter,
                service.plan.service.serverFilter == nil
            {
                return startWalk(
                    service, index, filter: nil, filterRefusal: failure.description)
            }
        case .tooLarge(let limit):
            if halvePages(service, index, walk, limitBytes: limit) {
                return startWalk(
                    service, index, filter: walk.filter, filterRefusal: walk.filterRefusal)
            }
        case .throttled, .unauthenticated, .denied, .notFound, .wordless, .foreign, .unavailable,
            .malformed, .timedOut, .notSent:
            break
        }
        pollFailed(service, index, PollTrouble(failure))
    }

    private func restart(
        _ walk: PartitionWatch.Walk, _ service: ServiceWatch, _ index: Int
    ) {
        startWalk(service, index, filter: walk.filter, filterRefusal: walk.filterRefusal)
        service.partitions[index].walk?.isRestarted = true
    }

    /// - Returns: whether smaller pages are worth a try.
    private func halvePages(
        _ service: ServiceWatch, _ index: Int, _ walk: PartitionWatch.Walk, limitBytes: Int
    ) -> Bool {
        // Another parent's walk may have halved it meanwhile.
        guard walk.pageSize <= service.pageSize else { return true }
        guard walk.pageSize > Limits.pageSizeMin else { return false }
        service.pageSize = max(Limits.pageSizeMin, walk.pageSize / 2)
        reporter.report(
            .limitReached(
                service.partitions[index].partition,
                "a page was too large; asking for \(service.pageSize) operations now",
                limit: "\(limitBytes) bytes"))
        return true
    }

    /// The same list works without the filter, so the filter it was.
    private func noteFilterRejected(_ service: ServiceWatch, _ index: Int, reason: String) {
        guard !service.isFilterRejected else { return }
        service.isFilterRejected = true
        reporter.report(.filterRejected(service.partitions[index].partition, reason: reason))
    }
}

extension ListWalk.Failure {
    /// The bound that was reached; nil where it was none.
    fileprivate var limitText: String? {
        switch self {
        case .repeatedToken: nil
        case .tooManyPages(let limit): "\(limit) pages"
        case .tooManyOperations(let limit): "\(limit) operations"
        case .tokenTooLong(_, let limit): "\(limit) bytes"
        }
    }
}

extension Set<String> {
    /// Inserts unless the set holds a thousand already; says whether the element is new.
    fileprivate mutating func insertBounded(_ element: String) -> Bool {
        count < 1_000 && insert(element).inserted
    }
}
