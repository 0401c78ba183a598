import FilterLanguage
import OpwatchCore
import OpwatchReports
import WireFormat

/// Takes the pages of a walk: decides about every operation of them, and goes on or ends.
struct Pages {
    let facts: Facts
    let reader: AnswerReader
    let walks: Walks
    let ends: PollEnds
    let proofs: Proofs
    let fetches: GateFetches

    func take(
        _ answer: Result<PageAnswer, CallFailure>, _ service: LiveService, _ id: PartitionID,
        walk: UInt32
    ) {
        guard let current = walkUnderWay(walk, service, id) else { return }
        switch answer {
        case .failure(let failure):
            pauseParent(service, id, after: failure)
            pageFailed(failure, service, id, current)
        case .success(let page): read(page, service, id, current)
        }
    }

    /// A request of a walk failed and is tried again: what hurts is told while it hurts.
    func takeRetry(
        _ failure: CallFailure, _ service: LiveService, _ id: PartitionID, walk: UInt32
    ) {
        guard walkUnderWay(walk, service, id) != nil,
            service.partitions.update(id, { $0.note(failure) }) == true,
            let partition = service.partitions[id]?.partition
        else { return }
        facts.tell(.pollFailed(partition, reason: failure.description, next: nil))
    }

    /// The walk of this number, if it goes on: no other one has the number.
    private func walkUnderWay(
        _ number: UInt32, _ service: LiveService, _ id: PartitionID
    ) -> LivePartition.Walk? {
        guard let walk = service.partitions[id]?.walk, walk.poll.walk == number else {
            return nil
        }
        return walk
    }

    /// Leaves a parent alone for as long as the service asks.
    private func pauseParent(
        _ service: LiveService, _ id: PartitionID, after failure: CallFailure
    ) {
        let now = facts.now.instant
        let limit = service.retryAfterMax
        let interval = service.plan.service.interval
        let wait = service.partitions.update(id) {
            $0.wait(after: failure, interval: interval, limit: limit)
        }
        guard let asked = wait ?? nil else { return }
        service.partitions.update(id) { $0.pause(for: asked, limit: limit, at: now) }
        service.noteThrottled(id, for: asked, at: now)
    }

    // MARK: A page that can be read

    /// Reads a whole page before anything of it counts, asks for the next one, then decides.
    private func read(
        _ answer: PageAnswer, _ service: LiveService, _ id: PartitionID,
        _ walk: LivePartition.Walk
    ) {
        reader.noteClock(service, answer.time)
        let now = reader.time(of: answer.time, service)
        // It was under way when its service was closed, or what closed it ended early.
        walk.startedAt = min(walk.startedAt, facts.now.instant)
        let page: AnswerReader.Page
        do throws(WireError) {
            page = try reader.page(
                answer, of: service.plan, at: now, readable: &walk.readableRules)
        } catch {
            let reason = "malformed page: \(answer.context.complaint(answer.body, error))"
            return ends.failed(service, id, PollTrouble(.malformed, reason))
        }
        if let refusal = walk.pages.provenFilterRefusal {
            noteFilterRejected(service, walk.poll.partition, reason: refusal)
        }
        let next = walk.pages.advance(
            token: page.nextPageToken, operations: page.sightings.count,
            unreachable: page.unreachable, count: page.unreachableCount)
        if case .page(let token) = next { walks.askForPage(service, id, walk, token: token) }
        decide(page.sightings, service, id, &walk.poll, at: now)
        switch next {
        case .page: break
        case .end(complete: true): ends.completed(service, id, at: now)
        case .end(complete: false): ends.partial(service, id)
        case .failed(let failure): walkFailed(failure, service, id)
        }
    }

    private func decide(
        _ sightings: [Sighting], _ service: LiveService, _ id: PartitionID, _ poll: inout Poll,
        at now: Timestamp
    ) {
        let clocksAgree = service.rails.clock == .agrees
        facts.tally.decisions += sightings.count
        for sighting in sightings {
            let finding = poll.read(
                sighting, at: now, mayStamp: clocksAgree, in: facts.state,
                memory: &facts.memory)
            if let finding { take(finding, service, id) }
            let identity = OperationIdentity(
                endpoint: poll.partition.endpoint, name: sighting.snapshot.name)
            guard let ref = facts.state.find(identity),
                facts.state.partition(ref) == poll.partition
            else { continue }
            fetches.noteObjection(in: sighting, ref, service, at: now)
            let findings = poll.judge(
                sighting, ref, at: now, clocksAgree: clocksAgree, in: facts.state,
                memory: &facts.memory, mayRetryCancel: facts.mayRetryCancel(ref))
            for finding in findings { take(finding, service, id) }
        }
    }

    private func take(_ finding: Poll.Finding, _ service: LiveService, _ id: PartitionID) {
        switch finding {
        case .record(let record): facts.record(record, of: service.plan)
        case .verify(let ref): proofs.hurry(ref)
        case .duplicate(let operation, let owner):
            let isNew = service.partitions.update(id) {
                $0.reportedDuplicates.insertBounded(operation.name)
            }
            guard isNew == true else { return }
            facts.tell(.duplicateListing(service.plan.label(operation), owner: owner))
        case .unusable(let ref, let reason):
            guard facts.memory.reported.insert(ref).inserted else { return }
            facts.tell(.unusable(service.plan.label(facts.state.identity(ref)), reason: reason))
        case .foreignCancel(let ref):
            guard facts.memory.reported.insert(ref).inserted else { return }
            facts.tell(.foreignCancel(service.plan.label(facts.state.identity(ref))))
        case .lingering(let operation):
            facts.tell(.lingering(service.plan.label(operation)))
        case .untrackable(let name, let reason):
            let isNew = service.partitions.update(id) {
                $0.reportedUntrackable.insertBounded(name)
            }
            guard isNew == true else { return }
            let operation = OperationLabel(service: service.name, operation: name)
            facts.tell(.unusable(operation, reason: reason))
        }
    }

    // MARK: What goes wrong

    private func walkFailed(
        _ failure: ListWalk.Failure, _ service: LiveService, _ id: PartitionID
    ) {
        guard let partition = service.partitions[id] else { return }
        if let limit = failure.limitText, partition.trouble?.kind != .limit {
            facts.tell(.limitReached(partition.partition, failure.description, limit: limit))
        }
        ends.failed(service, id, PollTrouble(failure))
    }

    private func pageFailed(
        _ failure: CallFailure, _ service: LiveService, _ id: PartitionID,
        _ walk: LivePartition.Walk
    ) {
        let size = service.pageSize.current
        let way = walk.pages.retry(
            after: failure, from: service.plan.service, &service.pageSize)
        if service.pageSize.current < size { noteSmaller(service, walk, failure, before: size) }
        guard let way else { return ends.failed(service, id, PollTrouble(failure)) }
        walks.start(service, id, way, goingOnFrom: walk)
    }

    private func noteSmaller(
        _ service: LiveService, _ walk: LivePartition.Walk, _ failure: CallFailure, before: Int
    ) {
        let what =
            switch failure {
            case .tooLarge(let limit): "a page is larger than \(limit) bytes"
            default:
                "page_size \(walk.pages.way.pageSize) is refused "
                    + "(\(failure.error?.description ?? ""))"
            }
        facts.tell(
            .limitReached(
                walk.poll.partition,
                "\(what); asking for pages of \(service.pageSize.current) now, of more again later",
                limit: "\(before) operations"))
    }

    /// The same list works without the filter, so the filter it was.
    private func noteFilterRejected(
        _ service: LiveService, _ partition: Partition, reason: String
    ) {
        guard !service.isFilterRejected else { return }
        service.isFilterRejected = true
        facts.tell(.filterRejected(partition, reason: reason))
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
