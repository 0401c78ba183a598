package import WireFormat

/// One walk over all pages of one parent: a fold that keeps transitions and candidates only.
package struct Poll: Sendable {
    /// Where `WatchState` keeps an operation.
    package typealias OperationRef = WatchState.OperationRef

    /// What is walked.
    package let partition: Partition
    /// How its operations are read and judged.
    package let plan: ServicePlan
    /// Of the policy in force.
    package let mode: Mode
    /// Counts every walk of the partition from 1; what a failed one saw proves no absence.
    package let walk: UInt32

    /// Operations that still run, ignored ones included.
    package private(set) var liveCount = 0
    /// How many operations each rule of the plan spoke for.
    package private(set) var matchCounts: [Int]
    /// Listed operations that the service's `filter` does not hold for here.
    package private(set) var filteredCount = 0
    /// Operations listed, the ones that are done included.
    package private(set) var operationCount = 0
    private var overdue: [OperationRef: Overdue] = [:]
    private var stalls: [OperationRef: StallLook] = [:]

    /// An operation past its deadline under a cancel rule, notice given or not.
    private struct Overdue: Sendable {
        let serial: UInt32
        let due: Due
        /// Whether only the gate stands between this operation and its cancel.
        var isCandidate: Bool
    }

    /// A stalled clock as of this walk.
    private struct StallLook: Sendable {
        let serial: UInt32
        var stall: StallMemory
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

    /// A walk that has read nothing yet.
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
        let serial = state.serial(ref)
        let isRepeated = memory.listedIn(ref, serial: serial) == walk
        memory.list(ref, serial: serial, in: walk)
        var remembered = state.remembered(ref, memory: memory, mayRetryCancel: mayRetryCancel)
        remembered.stall = stall(sighting, ref, memory, serial: serial, at: now)
        let decision = Decider.decide(
            sighting, under: plan, mode: mode, remembered: remembered, at: now)
        note(decision, ref, serial: serial, isRepeated: isRepeated)
        guard !isRepeated || snapshot.isDone else { return [] }
        count(sighting.ruling, decision)
        var findings: [Finding] = []
        if state.tables[ref.table].flags(ref.slot).contains(.unlisted), !snapshot.isDone {
            findings.append(.record(.relisted(state.identity(ref))))
        }
        if let finding = finding(decision, ref, at: now, in: state, memory: memory) {
            findings.append(finding)
        }
        return findings
    }

    private func finding(
        _ decision: Decision, _ ref: OperationRef, at now: Timestamp, in state: WatchState,
        memory: PollMemory
    ) -> Finding? {
        switch decision {
        case .finished(let code):
            if state.cancel(ref)?.isOpen == true { return .verify(ref) }
            return .record(state.closing(ref, code: code, at: now))
        case .warn(let due): return .record(.warned(warning(ref, due, at: now, in: state)))
        case .keep(.unusable(let reason)):
            return memory.reported.contains(ref) ? nil : .unusable(ref, reason)
        case .keep(.cancelRequestedByOther):
            return memory.reported.contains(ref) ? nil : .foreignCancel(ref)
        case .keep(.noRule), .keep(.noClock), .keep(.notYet), .keep(.noticeUntil), .keep(.warned),
            .keep(.ended), .cancel, .verify, .ignore:
            return nil
        }
    }

    /// Notes what is overdue.
    ///
    /// Pages that shift show an operation twice; it is overdue only if all its sightings say so,
    /// so that their order decides nothing.
    private mutating func note(
        _ decision: Decision, _ ref: OperationRef, serial: UInt32, isRepeated: Bool
    ) {
        let found = overdue(decision, serial: serial)
        guard isRepeated else { return overdue[ref] = found }
        guard let found, let known = overdue[ref], known.due.isSameDeadline(as: found.due) else {
            return overdue[ref] = nil
        }
        overdue[ref]?.isCandidate = known.isCandidate && found.isCandidate
    }

    private func overdue(_ decision: Decision, serial: UInt32) -> Overdue? {
        let due: Due
        var isCandidate = false
        switch decision {
        case .cancel(let ready):
            due = ready
            isCandidate = true
        case .warn(let warned), .keep(.noticeUntil(_, let warned)): due = warned
        case .keep, .verify, .finished, .ignore: return nil
        }
        guard due.isOverdue, plan.rules[due.rule].rule.action == .cancel else { return nil }
        return Overdue(serial: serial, due: due, isCandidate: isCandidate)
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
        _ sighting: Sighting, _ ref: OperationRef, _ memory: PollMemory, serial: UInt32,
        at now: Timestamp
    ) -> StallMemory? {
        guard var stall = memory.stalls[ref] else {
            if case .matched(let rule) = sighting.ruling, sighting.snapshot.progressHash != 0,
                plan.rules[rule].rule.timeouts.stalled != nil
            {
                stalls[ref] = StallLook(
                    serial: serial, stall: StallMemory(sighting.snapshot, at: now))
            }
            return nil
        }
        let isReported = sighting.snapshot.progressHash != 0
        if isReported {
            stall.look(sighting.snapshot, at: now, gapMax: plan.service.interval * 3)
        } else {
            stall.pause()
        }
        if let other = stalls[ref]?.stall, other.stalledFor < stall.stalledFor { stall = other }
        stalls[ref] = StallLook(serial: serial, stall: stall)
        return isReported ? stall : nil
    }

    // MARK: The end of the walk

    /// What a complete walk proves.
    package struct Completion: Sendable {
        /// Ready for the gate, oldest deadline first, each with its confirmations.
        package var candidates: [Candidate] = []
        /// Tracked by this partition, not listed, without an open cancel: to be looked up.
        package var absent: [OperationRef] = []
    }

    /// An operation that asks for the gate.
    package struct Candidate: Sendable, Equatable {
        /// Stands for the operation only while the state `holds` the candidate.
        package let operation: OperationRef
        /// Of the operation, because its place may be another's by now.
        package let serial: UInt32
        /// Why it is to be cancelled.
        package let due: Due
        /// Complete polls in a row, this one included, in which it was overdue.
        package let confirmations: Int
    }

    /// Counts the poll as complete.
    /// - Parameter number: of this complete poll; one above the last one's, or two after a gap, so
    ///   that nothing counted in a row survives the gap.
    package func finish(
        number: UInt32, in state: WatchState, memory: inout PollMemory
    ) -> Completion {
        var completion = Completion()
        for (ref, look) in stalls where state.serial(ref) == look.serial {
            memory.keep(look.stall, of: ref)
        }
        for (ref, entry) in overdue where state.serial(ref) == entry.serial {
            memory.confirm(ref, serial: entry.serial, entry.due, in: number)
            guard entry.isCandidate else { continue }
            let confirmations = memory.confirmations(
                ref, serial: entry.serial, of: entry.due, in: number)
            completion.candidates.append(
                Candidate(
                    operation: ref, serial: entry.serial, due: entry.due,
                    confirmations: confirmations))
        }
        completion.candidates.sort { left, right in
            left.due.deadline == right.due.deadline
                ? state.isName(of: left.operation, before: right.operation)
                : left.due.deadline < right.due.deadline
        }
        for ref in state.tracked(by: partition)
        where memory.listedIn(ref, serial: state.serial(ref)) != walk {
            memory.stalls[ref]?.pause()
            if state.cancel(ref)?.isOpen != true { completion.absent.append(ref) }
        }
        return completion
    }
}
