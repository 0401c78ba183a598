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
    /// Tells this walk from every other of the process; what a failed one saw proves no absence.
    package let walk: UInt32
    private let scope: ParentScope
    /// A longer time between two sights of one operation was not observed.
    private let gapMax: Duration

    /// Operations that still run, ignored ones included.
    package private(set) var liveCount = 0
    /// How many operations each rule of the plan spoke for.
    package private(set) var matchCounts: [Int]
    /// Listed operations that the service's `filter` does not hold for here.
    package private(set) var filteredCount = 0
    private var overdue: [OperationRef: Overdue] = [:]
    /// Listed operations that run, whatever the filter says of them.
    package private(set) var runningCount = 0
    /// Operations of this partition that were listed and are still tracked.
    private var listedCount = 0
    private var stalls: [OperationRef: StallObservation] = [:]
    /// Names whose operation this walk saw end: a page that shifts may show them running again.
    private var endedNames: Set<String> = []
    /// Operations whose name shows what may be another one.
    private var doubted: [OperationRef] = []

    /// An operation past its deadline under a cancel rule, notice given or not.
    private struct Overdue: Sendable {
        let serial: UInt32
        let due: Due
        let metadataType: String
        /// Whether only the gate stands between this operation and its cancel.
        var isCandidate: Bool
        /// Whether it was found so by the service's time: nothing else confirms.
        let isByServerTime: Bool
    }

    /// A stalled clock as of this walk.
    private struct StallObservation: Sendable {
        let serial: UInt32
        var stall: StallMemory
        /// The rule that matched.
        let rule: Int?
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
        /// The list shows an operation that was seen to end; told once.
        case lingering(OperationIdentity)
        /// Cannot be tracked under this name, and what is wrong with it; told once.
        case untrackable(name: String, String)
    }

    /// A walk that has read nothing yet.
    /// - Parameter gapMax: the longest time between two complete polls that is no gap.
    package init(
        partition: Partition, plan: ServicePlan, mode: Mode, walk: UInt32, gapMax: Duration
    ) {
        self.partition = partition
        self.plan = plan
        self.mode = mode
        self.walk = walk
        self.gapMax = gapMax
        scope = ParentScope(partition.parent, plan.service.names)
        matchCounts = Array(repeating: 0, count: plan.rules.count)
    }

    /// Takes one listed operation.
    ///
    /// An operation met for the first time is journalled as seen before it is decided about; the
    /// caller applies that record and calls `judge`.
    /// - Parameter mayStamp: whether `now` is the server's and agrees with the local clock, so that
    ///   a first-seen time may be written.
    package mutating func read(
        _ sighting: Sighting, at now: Timestamp, mayStamp: Bool, in state: WatchState,
        memory: inout PollMemory
    ) -> Finding? {
        let snapshot = sighting.snapshot
        if !snapshot.isDone { runningCount += 1 }
        guard !snapshot.name.isEmpty else {
            // A finished one may have lost it.
            return snapshot.isDone ? nil : .untrackable(name: "", "name is missing")
        }
        guard !endedNames.contains(snapshot.name) else { return nil }
        let identity = OperationIdentity(endpoint: partition.endpoint, name: snapshot.name)
        if let ref = state.find(identity) {
            let owner = state.partition(ref)
            return owner == partition ? nil : .duplicate(identity, owner: owner)
        }
        let row = memory.ended.read(
            snapshot, identity, in: walk, at: mayStamp ? now : nil)
        if case .ended(let isTold) = row {
            return isTold ? nil : .lingering(identity)
        }
        if snapshot.isDone { return nil }
        guard sighting.passesFilter else {
            filteredCount += 1
            return nil
        }
        guard snapshot.name.utf8.count <= Limits.nameBytesMax else {
            return .untrackable(
                name: snapshot.name, "name is longer than \(Limits.nameBytesMax) bytes")
        }
        // Tracked here it would be lost to the parent that it belongs to.
        guard scope.contains(snapshot.name) else {
            return .untrackable(
                name: snapshot.name, "\(outside), so it is not watched here and never cancelled")
        }
        let created = snapshot.created.timestamp
        guard created != nil || mayStamp else {
            return .untrackable(
                name: snapshot.name,
                "creation time \(snapshot.created.problem ?? "is missing"), "
                    + "and without the service's time nothing counts")
        }
        return .record(
            .seen(
                JournalRecord.Seen(
                    partition: partition, name: snapshot.name,
                    since: created ?? now.advanced(by: .seconds(1)),
                    isCreation: created != nil, isStarted: snapshot.started.told != nil)))
    }

    /// Decides about a listed operation that this partition tracks.
    /// - Parameters:
    ///   - clocksAgree: whether `now` is the service's time and close to ours.
    ///   - mayRetryCancel: whether its open cancel may be followed by a new intent.
    package mutating func judge(
        _ sighting: Sighting, _ ref: OperationRef, at now: Timestamp, clocksAgree: Bool,
        in state: WatchState, memory: inout PollMemory, mayRetryCancel: Bool
    ) -> [Finding] {
        let snapshot = sighting.snapshot
        let serial = state.serial(ref)
        let isRepeated = memory.listedIn(ref, serial: serial) == walk
        memory.list(ref, serial: serial, in: walk)
        if !isRepeated { listedCount += 1 }
        guard sighting.passesFilter || snapshot.isDone else {
            filteredCount += 1
            return []
        }
        var remembered = state.remembered(ref, memory: memory, mayRetryCancel: mayRetryCancel)
        let before = memory.doubts[ref]
        let doubt = remembered.doubt(in: snapshot, at: clocksAgree ? now : nil, before: before)
        if doubt != before { memory.doubts[ref] = doubt }
        if let doubt {
            overdue[ref] = nil
            // The end of another one is not the end of this one; a GET tells which it is.
            if doubt == .endWithoutCreation, state.cancel(ref)?.isOpen == true {
                return doubt == before ? [] : [.verify(ref)]
            }
            if !isRepeated { doubted.append(ref) }
            return []
        }
        remembered.stall = stall(
            sighting, ref, memory, serial: serial, at: now, isServerTime: clocksAgree, in: state)
        let decision = decision(
            on: sighting, remembered, clocksAgree: clocksAgree, at: now)
        note(
            overdue(decision, sighting, serial: serial, clocksAgree: clocksAgree), ref,
            isRepeated: isRepeated)
        guard !isRepeated || snapshot.isDone else { return [] }
        count(sighting.ruling, decision)
        var findings: [Finding] = []
        let flags = state.tables[ref.table].flags(ref.slot)
        if !snapshot.isDone {
            if flags.contains(.unlisted) {
                findings.append(.record(.relisted(state.identity(ref))))
            }
            if snapshot.started.told != nil, !flags.contains(.started) {
                findings.append(.record(.started(state.identity(ref))))
            }
        }
        let finding = finding(
            decision, ref, clocksAgree: clocksAgree, at: now, in: state, memory: memory)
        if let finding { findings.append(finding) }
        return findings
    }

    private var outside: String { "name lies outside \(partition.parent), which lists it" }

    /// What lies outside the parent is kept, whatever its rule says: another version may have
    /// begun to track it here.
    private func decision(
        on sighting: Sighting, _ remembered: Remembered, clocksAgree: Bool, at now: Timestamp
    ) -> Decision {
        Decider.decide(
            sighting, under: plan, mode: mode, clocksAgree: clocksAgree, remembered: remembered,
            at: now
        ).kept(
            outside: scope, sighting.snapshot.name, reason: "\(outside), so it is never cancelled")
    }

    private mutating func finding(
        _ decision: Decision, _ ref: OperationRef, clocksAgree: Bool, at now: Timestamp,
        in state: WatchState, memory: PollMemory
    ) -> Finding? {
        switch decision {
        case .finished(let code):
            if state.cancel(ref)?.isOpen == true { return .verify(ref) }
            let closing = state.closing(ref, code: code, at: now)
            endedNames.insert(state.identity(ref).name)
            listedCount -= 1
            return .record(closing)
        case .warn(let due):
            return .record(
                .warned(warning(ref, due, clocksAgree: clocksAgree, at: now, in: state)))
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
        _ found: Overdue?, _ ref: OperationRef, isRepeated: Bool
    ) {
        guard isRepeated else { return overdue[ref] = found }
        guard let found, let known = overdue[ref], known.due.isSameDeadline(as: found.due) else {
            return overdue[ref] = nil
        }
        overdue[ref]?.isCandidate = known.isCandidate && found.isCandidate
    }

    private func overdue(
        _ decision: Decision, _ sighting: Sighting, serial: UInt32, clocksAgree: Bool
    ) -> Overdue? {
        let due: Due
        var isCandidate = false
        switch decision {
        case .cancel(let ready):
            due = ready
            isCandidate = true
        case .warn(let warned), .keep(.noticeUntil(_, let warned)), .keep(.warned(let warned)):
            due = warned
        case .keep, .verify, .finished, .ignore: return nil
        }
        guard due.isOverdue, plan.rules[due.rule].rule.action == .cancel else { return nil }
        return Overdue(
            serial: serial, due: due, metadataType: sighting.snapshot.metadataType,
            isCandidate: isCandidate, isByServerTime: clocksAgree)
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
        _ ref: OperationRef, _ due: Due, clocksAgree: Bool, at now: Timestamp,
        in state: WatchState
    ) -> JournalRecord.Warned {
        let bound = plan.rules[due.rule]
        return JournalRecord.Warned(
            operation: state.identity(ref), rule: bound.rule.name,
            clock: due.clock, deadline: due.deadline, age: due.age, timeout: due.timeout, at: now,
            mode: mode, ruleHash: bound.hash,
            isNotice: mode == .enforce && bound.rule.action == .cancel && clocksAgree)
    }

    /// The stalled clock as of this page; kept only if the whole poll completes.
    private mutating func stall(
        _ sighting: Sighting, _ ref: OperationRef, _ memory: PollMemory, serial: UInt32,
        at now: Timestamp, isServerTime: Bool, in state: WatchState
    ) -> StallMemory? {
        guard var stall = memory.stalls[ref] else {
            guard case .matched(let rule) = sighting.ruling, sighting.snapshot.progressHash != 0,
                plan.rules[rule].rule.timeouts.stalled != nil
            else { return nil }
            let first = StallMemory(
                sighting.snapshot, resuming: state.tables[ref.table].stallings[ref.slot], at: now,
                isServerTime: isServerTime)
            stalls[ref] = StallObservation(serial: serial, stall: first, rule: rule)
            return first
        }
        let isReported = sighting.snapshot.progressHash != 0
        if isReported {
            stall.observe(
                sighting.snapshot, at: now, isServerTime: isServerTime, gapMax: gapMax)
        } else {
            stall.pause()
        }
        if let other = stalls[ref]?.stall, other.stalledFor < stall.stalledFor { stall = other }
        let rule: Int? = if case .matched(let rule) = sighting.ruling { rule } else { nil }
        stalls[ref] = StallObservation(serial: serial, stall: stall, rule: rule)
        return isReported ? stall : nil
    }

    // MARK: The end of the walk

    /// Counts the poll as complete.
    /// - Parameter number: of this complete poll; one above the last one's, or two after a gap, so
    ///   that nothing counted in a row survives the gap.
    package func finish(
        number: UInt32, in state: WatchState, memory: inout PollMemory
    ) -> Completion {
        var completion = Completion()
        var stallings: [(OperationRef, JournalRecord)] = []
        for (ref, observation) in stalls where state.serial(ref) == observation.serial {
            memory.keep(observation.stall, of: ref)
            if let stalling = stalling(observation, ref, memory, in: state) {
                stallings.append((ref, stalling))
            }
        }
        completion.stallings =
            stallings.sorted { ($0.0.table, $0.0.slot) < ($1.0.table, $1.0.slot) }.map(\.1)
        completion.doubted = doubted.filter { memory.doubts[$0] != nil }
        memory.ended.prune(partition, completed: walk)
        for (ref, entry) in overdue where state.serial(ref) == entry.serial {
            if entry.isByServerTime {
                memory.confirm(ref, serial: entry.serial, entry.due, in: number)
            }
            guard entry.isCandidate else { continue }
            let confirmations = memory.confirmations(
                ref, serial: entry.serial, of: entry.due, in: number)
            completion.candidates.append(
                Candidate(
                    operation: ref, serial: entry.serial, due: entry.due,
                    metadataType: entry.metadataType, confirmations: confirmations))
        }
        completion.candidates.sort { left, right in
            left.due.deadline == right.due.deadline
                ? state.isName(of: left.operation, before: right.operation)
                : left.due.deadline < right.due.deadline
        }
        guard listedCount < state.operationCount(of: partition) else { return completion }
        for ref in state.tracked(by: partition)
        where memory.listedIn(ref, serial: state.serial(ref)) != walk {
            memory.stalls[ref]?.pause()
            if state.cancel(ref)?.isOpen != true { completion.absent.append(ref) }
        }
        return completion
    }

    /// Half of the timeout is told once, so that a restart goes on from there.
    private func stalling(
        _ observation: StallObservation, _ ref: OperationRef, _ memory: PollMemory,
        in state: WatchState
    ) -> JournalRecord? {
        guard let rule = observation.rule, let timeout = plan.rules[rule].rule.timeouts.stalled,
            let stall = memory.stalls[ref]
        else { return nil }
        let known = state.tables[ref.table].stallings[ref.slot]
        let isSame = known?.fieldHash == stall.fieldHash && known?.since == stall.changedAt
        let isHalf = stall.stalledFor >= timeout / 2
        // What was written of another state must not hold again when that state comes back.
        let isVoid = known.map { !isSame && $0.stalledFor > .zero } ?? false
        let isWritten = isSame && known?.stalledFor ?? .zero > .zero
        guard isVoid || (isHalf && !isWritten) else { return nil }
        return .stalling(
            JournalRecord.Stalling(
                operation: state.identity(ref), fieldHash: stall.fieldHash,
                since: stall.changedAt, stalledFor: isHalf ? stall.stalledFor : .zero))
    }
}
