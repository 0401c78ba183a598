package import WireFormat

/// One walk over all pages of one parent: a fold that keeps transitions and candidates only.
package struct Poll: Sendable {
    package typealias OperationRef = WatchState.OperationRef

    package let partition: Partition
    package let plan: ServicePlan
    package let mode: Mode
    /// Counts every walk of the partition; what a failed one saw proves no absence.
    package let walk: UInt32

    /// Operations that still run, ignored ones included.
    package private(set) var liveCount = 0
    /// How many operations each rule of the plan spoke for.
    package private(set) var matchCounts: [Int]
    /// Listed operations that the service's `filter` does not hold for here.
    package private(set) var filteredCount = 0
    package private(set) var operationCount = 0
    /// Past their deadline under a cancel rule, notice given or not.
    private var overdue: [Overdue] = []
    private var stalls: [OperationRef: StallMemory] = [:]

    package struct Overdue: Sendable, Equatable {
        package let operation: OperationRef
        package let due: Due
        /// Whether only the gate stands between this operation and its cancel.
        package let isCandidate: Bool
    }

    /// What reading one operation leads to.
    package enum Finding: Sendable, Equatable {
        /// A fact to journal and report.
        case record(JournalRecord)
        /// Our open cancel shows an end: prove it now.
        case verify(OperationRef)
        /// Listed by another partition first.
        case duplicate(OperationIdentity, owner: Partition)
        /// Kept because the answer is no ground for anything; told once.
        case unusable(OperationRef, String)
        /// Somebody else asked to cancel it; told once.
        case foreignCancel(OperationRef)
        /// Cannot be tracked: no name, too long a name, or no time to go by.
        case untrackable(String)
    }

    package init(partition: Partition, plan: ServicePlan, mode: Mode, walk: UInt32) {
        self.partition = partition
        self.plan = plan
        self.mode = mode
        self.walk = walk
        matchCounts = Array(repeating: 0, count: plan.rules.count)
    }

    /// Takes one listed operation.
    ///
    /// An operation met for the first time is journalled as seen before it is decided about; the
    /// caller applies that record and calls `judge`.
    /// - Parameter mayStamp: whether `now` is the server's and agrees with the local clock, so that
    ///   a first-seen time may be written.
    package mutating func read(
        _ sighting: Sighting, at now: Timestamp, mayStamp: Bool, in state: WatchState
    ) -> Finding? {
        operationCount += 1
        let snapshot = sighting.snapshot
        guard !snapshot.name.isEmpty else { return .untrackable("an operation without a name") }
        let identity = OperationIdentity(endpoint: partition.endpoint, name: snapshot.name)
        if let ref = state.find(identity) {
            let owner = state.partition(ref)
            return owner == partition ? nil : .duplicate(identity, owner: owner)
        }
        if snapshot.isDone { return nil }
        guard sighting.passesFilter else {
            filteredCount += 1
            return nil
        }
        guard snapshot.name.utf8.count <= Limits.nameBytesMax else {
            return .untrackable("a name over \(Limits.nameBytesMax) bytes")
        }
        let created = snapshot.created.timestamp
        guard created != nil || mayStamp else {
            return .untrackable("\(snapshot.name) has no creation time and the clocks disagree")
        }
        return .record(
            .seen(
                JournalRecord.Seen(
                    partition: partition, name: snapshot.name,
                    since: created ?? now.advanced(by: .seconds(1)),
                    isCreation: created != nil)))
    }

    /// Decides about a listed operation that this partition tracks.
    package mutating func judge(
        _ sighting: Sighting, _ ref: OperationRef, at now: Timestamp, in state: WatchState,
        memory: inout PollMemory, mayRetryCancel: Bool
    ) -> [Finding] {
        let snapshot = sighting.snapshot
        guard sighting.passesFilter || snapshot.isDone else {
            filteredCount += 1
            return []
        }
        memory.list(ref, serial: state.tables[ref.table].serial(ref.slot), in: walk)
        var findings: [Finding] = []
        if state.tables[ref.table].flags(ref.slot).contains(.unlisted), !snapshot.isDone {
            findings.append(.record(.relisted(state.identity(ref))))
        }
        var remembered = state.remembered(ref, memory: memory, mayRetryCancel: mayRetryCancel)
        remembered.stall = stall(sighting, ref, memory, at: now)
        let decision = Decider.decide(
            sighting, under: plan, mode: mode, remembered: remembered, at: now)
        count(sighting.ruling, decision)
        findings += act(on: decision, ref, sighting, at: now, in: state, memory: memory)
        return findings
    }

    private mutating func act(
        on decision: Decision, _ ref: OperationRef, _ sighting: Sighting, at now: Timestamp,
        in state: WatchState, memory: PollMemory
    ) -> [Finding] {
        switch decision {
        case .finished(let code):
            if state.cancel(ref)?.isOpen == true { return [.verify(ref)] }
            return [.record(state.closing(ref, code: code, at: now))]
        case .warn(let due):
            noteOverdue(ref, due, isCandidate: false)
            return [.record(.warned(warning(ref, due, at: now, in: state)))]
        case .cancel(let due):
            noteOverdue(ref, due, isCandidate: true)
            return []
        case .keep(.noticeUntil(_, let due)):
            noteOverdue(ref, due, isCandidate: false)
            return []
        case .keep(.unusable(let reason)):
            return memory.reported.contains(ref) ? [] : [.unusable(ref, reason)]
        case .keep(.cancelRequestedByOther):
            return memory.reported.contains(ref) ? [] : [.foreignCancel(ref)]
        case .keep(.noRule), .keep(.noClock), .keep(.notYet), .keep(.warned), .keep(.ended),
            .verify, .ignore:
            return []
        }
    }

    private mutating func noteOverdue(_ ref: OperationRef, _ due: Due, isCandidate: Bool) {
        guard due.isOverdue, plan.rules[due.rule].rule.action == .cancel else { return }
        overdue.append(Overdue(operation: ref, due: due, isCandidate: isCandidate))
    }

    private mutating func count(_ ruling: Ruling, _ decision: Decision) {
        if case .finished = decision { return }
        liveCount += 1
        switch ruling {
        case .unmatched: break
        case .ignored(let rule), .matched(let rule): matchCounts[rule] += 1
        }
    }

    private func warning(
        _ ref: OperationRef, _ due: Due, at now: Timestamp, in state: WatchState
    ) -> JournalRecord.Warned {
        JournalRecord.Warned(
            operation: state.identity(ref), rule: plan.rules[due.rule].rule.name,
            clock: due.clock, deadline: due.deadline, age: due.age, timeout: due.timeout, at: now,
            mode: mode)
    }

    /// The stalled clock as of this page; kept only if the whole poll completes.
    private mutating func stall(
        _ sighting: Sighting, _ ref: OperationRef, _ memory: PollMemory, at now: Timestamp
    ) -> StallMemory? {
        guard case .matched(let rule) = sighting.ruling,
            plan.rules[rule].rule.timeouts.stalled != nil, sighting.snapshot.progressHash != 0
        else { return nil }
        guard var stall = memory.stalls[ref] else {
            stalls[ref] = StallMemory(sighting.snapshot, at: now)
            return nil
        }
        stall.look(sighting.snapshot, at: now)
        stalls[ref] = stall
        return stall
    }

    // MARK: The end of the walk

    /// What a complete walk proves.
    package struct Completion: Sendable {
        /// Ready for the gate, oldest deadline first, each with its confirmations.
        package var candidates: [Candidate] = []
        /// Tracked by this partition, not listed, without an open cancel: to be looked up.
        package var absent: [OperationRef] = []
    }

    package struct Candidate: Sendable, Equatable {
        package let operation: OperationRef
        package let due: Due
        package let confirmations: Int
    }

    /// Counts the poll as complete.
    /// - Parameter number: of this complete poll; one above the last one's, or two after a gap, so
    ///   that nothing counted in a row survives the gap.
    package func finish(
        number: UInt32, in state: WatchState, memory: inout PollMemory
    ) -> Completion {
        var completion = Completion()
        for (ref, stall) in stalls { memory.stalls[ref] = stall }
        for entry in overdue {
            let serial = state.tables[entry.operation.table].serial(entry.operation.slot)
            memory.confirm(entry.operation, serial: serial, entry.due, in: number)
            guard entry.isCandidate else { continue }
            let confirmations = memory.confirmations(
                entry.operation, serial: serial, of: entry.due, in: number)
            completion.candidates.append(
                Candidate(
                    operation: entry.operation, due: entry.due, confirmations: confirmations))
        }
        completion.candidates.sort {
            ($0.due.deadline, $0.operation.slot) < ($1.due.deadline, $1.operation.slot)
        }
        completion.absent = state.tracked(by: partition).filter { ref in
            let serial = state.tables[ref.table].serial(ref.slot)
            return memory.listedIn(ref, serial: serial) != walk
                && state.cancel(ref)?.isOpen != true
        }
        return completion
    }
}

extension WatchState {
    /// What is remembered of an operation, for the decider.
    package func remembered(
        _ ref: OperationRef, memory: PollMemory, mayRetryCancel: Bool
    ) -> Remembered {
        let table = tables[ref.table]
        return Remembered(
            since: table.since(ref.slot),
            hasCreation: table.flags(ref.slot).contains(.hasCreation),
            warning: table.warnings[ref.slot], cancel: table.cancels[ref.slot],
            mayRetryCancel: mayRetryCancel, stall: memory.stalls[ref])
    }

    /// Operations that this partition listed first.
    package func tracked(by partition: Partition) -> [OperationRef] {
        guard let table = endpoints.firstIndex(of: partition.endpoint),
            let index = partitions.firstIndex(of: partition)
        else { return [] }
        return (0..<tables[table].slotEnd).lazy
            .filter { tables[table].isLive($0) && tables[table].partition($0) == index }
            .map { OperationRef(table: table, slot: $0) }
    }

    /// How the end of an operation without an open cancel is journalled.
    ///
    /// Code 1 without a cancel of ours was somebody else's; after `refused` or `defied` the real
    /// end is a late verdict.
    package func closing(_ ref: OperationRef, code: Int64, at now: Timestamp) -> JournalRecord {
        let identity = identity(ref)
        if let history = cancel(ref), case .ended = history.state {
            let verdict: Verdict =
                switch code {
                case 0: .finishedAnyway
                case 1: .cancelled
                default: .failedOtherwise
                }
            return .verdict(identity, history.intent.id, verdict, late: true, at: now)
        }
        if code == 1 { return .verdict(identity, nil, .cancelledByOther, late: false, at: now) }
        return .finished(identity, code: code)
    }
}
