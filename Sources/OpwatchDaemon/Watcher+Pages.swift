import FilterLanguage
import OperationsClient
import OpwatchCore
import OpwatchSystemd
import WireFormat

extension Watcher {
    func tookPage(
        _ answer: Result<PageAnswer, CallFailure>, _ service: ServiceWatch, parent index: Int,
        walk: UInt32
    ) {
        guard let current = walkUnderWay(walk, service, index) else { return }
        switch answer {
        case .failure(let failure):
            pauseParent(service, index, after: failure)
            pageFailed(failure, service, index, current)
        case .success(let page): readPage(page, service, index, current)
        }
    }

    /// The walk of this number, if it goes on. A reload may have put another parent into the place
    /// of the one that was asked, but no other walk has the number.
    func walkUnderWay(
        _ number: UInt32, _ service: ServiceWatch, _ index: Int
    ) -> PartitionWatch.Walk? {
        guard index < service.partitions.count, let walk = service.partitions[index].walk,
            walk.poll.walk == number
        else { return nil }
        return walk
    }

    /// A request of a walk failed and is tried again: what hurts is told while it hurts.
    func tookRetry(
        _ failure: CallFailure, _ service: ServiceWatch, parent index: Int, walk: UInt32
    ) {
        guard walkUnderWay(walk, service, index) != nil,
            service.update(index, { $0.note(failure) })
        else { return }
        let partition = service.partitions[index].partition
        reporter.report(.pollFailed(partition, reason: failure.description, next: nil))
    }

    /// Leaves a parent alone for as long as the service asks; the service only where three parents
    /// in a row are asked for that.
    private func pauseParent(
        _ service: ServiceWatch, _ index: Int, after failure: CallFailure
    ) {
        let now = dependencies.instant()
        let limit = retryAfterMax(service)
        let interval = service.plan.service.interval
        let wait = service.update(index) {
            $0.wait(after: failure, interval: interval, limit: limit)
        }
        guard let asked = wait else { return }
        service.update(index) { $0.pause(for: asked, limit: limit, at: now) }
        service.throttledParents.insert(index)
        if service.throttledParents.count >= Self.throttledParentsMax {
            service.close(until: now.advanced(by: min(asked, limit)))
        }
    }

    private static let throttledParentsMax = 3

    /// The longest that one answer alone may ask to be left alone for.
    func retryAfterMax(_ service: ServiceWatch) -> Duration {
        max(.seconds(300), service.plan.service.interval * 5)
    }

    /// Reads a whole page before anything of it counts, asks for the next one, then decides.
    private func readPage(
        _ page: PageAnswer, _ service: ServiceWatch, _ index: Int, _ walk: PartitionWatch.Walk
    ) {
        noteClock(service, page.time.date)
        let now = time(of: page.time, service)
        var walk = walk
        // It was under way when its service was closed, or what closed it ended early.
        walk.startedAt = min(walk.startedAt, dependencies.instant())
        var reader = ListPageReader(page.body, fields: service.plan.fields)
        var sightings: [Sighting] = []
        do throws(WireError) {
            while try reader.next(into: &row) {
                sightings.append(service.plan.sighting(of: row, at: now))
                service.plan.noteReadable(in: row, &walk.readableRules)
            }
        } catch {
            let reason = page.context.complaint(about: page.body, error)
            return pollFailed(service, index, PollTrouble(.malformed, "malformed page: \(reason)"))
        }
        if let refusal = walk.filterRefusal, walk.pages.pages == 0 {
            noteFilterRejected(service, index, reason: refusal)
        }
        let next = walk.pages.advance(
            token: reader.nextPageToken, operations: reader.operationCount,
            unreachable: reader.unreachable.map { page.context.redact($0) },
            count: reader.unreachableCount)
        // While it stood there, changing it would have copied it.
        service.update(index) { $0.walk = nil }
        if case .page(let token) = next { askForPage(service, index, walk, token: token) }
        take(sightings, service, index, &walk.poll, at: now)
        service.update(index) { $0.walk = walk }
        switch next {
        case .page: break
        case .end(complete: true): pollCompleted(service, index, at: now)
        case .end(complete: false): pollPartial(service, index)
        case .failed(let failure): walkFailed(failure, service, index)
        }
    }

    /// Decides about every operation of a page; one batch of records.
    private func take(
        _ sightings: [Sighting], _ service: ServiceWatch, _ index: Int, _ poll: inout Poll,
        at now: Timestamp
    ) {
        var batch = Batch()
        let mayStamp = service.clock == .agrees
        for sighting in sightings {
            let finding = poll.read(
                sighting, at: now, mayStamp: mayStamp, in: state, memory: &memory)
            if let finding {
                take(finding, service, index, into: &batch)
            }
            let identity = OperationIdentity(
                endpoint: poll.partition.endpoint, name: sighting.snapshot.name)
            guard let ref = state.find(identity), state.partition(ref) == poll.partition else {
                continue
            }
            noteObjection(in: sighting, ref, service, at: now)
            let findings = poll.judge(
                sighting, ref, at: now, clocksAgree: service.clock == .agrees, in: state,
                memory: &memory, mayRetryCancel: looks[ref]?.verification.mayRetry ?? false)
            for finding in findings { take(finding, service, index, into: &batch) }
        }
        commit(batch)
    }

    private func take(
        _ finding: Poll.Finding, _ service: ServiceWatch, _ index: Int, into batch: inout Batch
    ) {
        switch finding {
        case .record(let record): apply(record, service, into: &batch)
        case .verify(let ref): looks[ref]?.hurry(dependencies.instant())
        case .duplicate(let operation, let owner):
            let isNew = service.update(index) {
                $0.reportedDuplicates.insertBounded(operation.name)
            }
            guard isNew else { return }
            batch.reports.append(.duplicateListing(service.label(operation), owner: owner))
        case .unusable(let ref, let reason):
            guard memory.reported.insert(ref).inserted else { return }
            batch.reports.append(.unusable(service.label(state.identity(ref)), reason: reason))
        case .foreignCancel(let ref):
            guard memory.reported.insert(ref).inserted else { return }
            batch.reports.append(.foreignCancel(service.label(state.identity(ref))))
        case .lingering(let operation):
            batch.reports.append(.lingering(service.label(operation)))
        case .untrackable(let name, let reason):
            let isNew = service.update(index) { $0.reportedUntrackable.insertBounded(name) }
            guard isNew else { return }
            let operation = OperationLabel(service: service.name, operation: name)
            batch.reports.append(.unusable(operation, reason: reason))
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
                if !walk.isRestarted {
                    return startWalk(
                        service, index, filter: walk.filter, filterRefusal: walk.filterRefusal,
                        goingOnFrom: walk, isRestarted: true)
                }
            } else if case .refused(let error) = failure, error.code == .outOfRange,
                takeSmallerPages(
                    service, index, walk, "page_size \(walk.pageSize) is refused (\(error))")
            {
                return startWalk(
                    service, index, filter: walk.filter, filterRefusal: walk.filterRefusal,
                    goingOnFrom: walk)
            } else if let filter = service.plan.service.filter?.text, walk.filter == filter,
                service.plan.service.serverFilter == nil
            {
                return startWalk(
                    service, index, filter: nil, filterRefusal: failure.description,
                    goingOnFrom: walk)
            }
        case .tooLarge(let limit):
            if takeSmallerPages(
                service, index, walk, "a page is larger than \(limit) bytes")
            {
                return startWalk(
                    service, index, filter: walk.filter, filterRefusal: walk.filterRefusal,
                    goingOnFrom: walk)
            }
        case .throttled, .unauthenticated, .denied, .notFound, .wordless, .foreign, .unavailable,
            .malformed, .timedOut, .notSent:
            break
        }
        pollFailed(service, index, PollTrouble(failure))
    }

    /// - Returns: whether smaller pages are worth a try.
    private func takeSmallerPages(
        _ service: ServiceWatch, _ index: Int, _ walk: PartitionWatch.Walk, _ what: String
    ) -> Bool {
        let before = service.pageSize.current
        guard service.pageSize.halve(from: walk.pageSize) else { return false }
        let now = service.pageSize.current
        if now < before {
            reporter.report(
                .limitReached(
                    service.partitions[index].partition,
                    "\(what); asking for pages of \(now) now, of more again later",
                    limit: "\(before) operations"))
        }
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
