import WireFormat

/// One operation on its way: the script, its instants, and what was done to it.
///
/// Its state follows from these and the time alone, so the clock may go in steps of any size.
struct SimulatedOperation: Sendable {
    let script: ScriptedOperation
    let created: Timestamp
    /// Nil for a life without a start.
    let workStart: Timestamp?
    /// The first cancel that was answered 200.
    var cancelAsked: Timestamp?
    /// An end that was ordered from outside the script.
    var orderedEnd: (at: Timestamp, outcome: Outcome)?
    /// Whether lists show it; a GET finds it all the same.
    var isListed = true

    init(_ script: ScriptedOperation, insertedAt now: Timestamp) {
        self.script = script
        created = now.advanced(by: script.created)
        workStart =
            script.life == .queuedForEver ? nil : created.advanced(by: script.queuedFor)
    }

    func state(at now: Timestamp) -> OperationState {
        OperationState(phase: phase(at: now), isCancellationRequested: showsFlag(at: now))
    }

    /// The start of the work, once it is over or at hand.
    func start(at now: Timestamp) -> Timestamp? {
        guard let workStart, workStart <= now else { return nil }
        if case .done(_, let end) = phase(at: now), end < workStart { return nil }
        return workStart
    }

    private func phase(at now: Timestamp) -> OperationState.Phase {
        if now < created { return .unborn }
        if let vanished, vanished <= now { return .gone }
        if let end, end.at <= now { return .done(end.outcome, at: end.at) }
        if let workStart, workStart <= now { return .running }
        return .queued
    }

    /// The earliest of all ends that are settled so far.
    private var end: (at: Timestamp, outcome: Outcome)? {
        var ends: [(at: Timestamp, outcome: Outcome)] = []
        if let orderedEnd { ends.append(orderedEnd) }
        if let workStart, let natural = script.life.naturalEnd {
            ends.append((workStart.advanced(by: natural.after), natural.outcome))
        }
        if let cancelAsked, case .ends(let outcome) = script.life.cancelReaction {
            ends.append((cancelAsked.advanced(by: script.cancelTakes), outcome))
        }
        return ends.min { $0.at < $1.at }
    }

    private var vanished: Timestamp? {
        guard let cancelAsked, script.life.cancelReaction == .vanishes else { return nil }
        return cancelAsked.advanced(by: script.cancelTakes)
    }

    private func showsFlag(at now: Timestamp) -> Bool {
        if let workStart, let foreign = script.life.foreignFlagAfter,
            workStart.advanced(by: foreign) <= now
        {
            return true
        }
        guard let cancelAsked, cancelAsked <= now else { return false }
        switch script.life.cancelReaction {
        case .ends, .vanishes: return true
        case .ignores(let showsFlag): return showsFlag
        case .refuses: return false
        }
    }
}

extension SimulatedOperation {
    /// When something was last done, and how much of it; nil when it does not report that.
    func progress(at now: Timestamp) -> (updated: Timestamp, percent: Int64)? {
        let life = script.life
        guard script.reportsProgress || life.progressStopsAfter != nil else { return nil }
        guard let start = start(at: now) else { return (created, 0) }
        var until = now
        if case .done(let outcome, let end) = phase(at: now) {
            if outcome == .response { return (end, 100) }
            until = end
        }
        if let stop = life.progressStopsAfter { until = min(until, start.advanced(by: stop)) }
        let seconds = max(0, until.duration(since: start).components.seconds)
        // Half way after ten minutes and never at 100, whatever time the life takes.
        return (start.advanced(by: .seconds(seconds)), min(99, 100 - 60_000 / (seconds + 600)))
    }
}
