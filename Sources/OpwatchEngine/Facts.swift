import OpwatchCore
import OpwatchReports
import WireFormat

/// What is known, and the only place that changes it: the durable state and what is remembered
/// beside it, with the records and reports of the present step.
final class Facts {
    /// Where `WatchState` keeps an operation.
    typealias OperationRef = WatchState.OperationRef

    private(set) var state: WatchState
    var memory = PollMemory()
    /// Cancels that are not proven yet.
    var proofs: [OperationRef: OpenProof] = [:]
    /// Operations whose GET, after they were no longer listed, is under way.
    var closingFetches: Set<OperationRef> = []
    var tally = Tally()
    /// Server time of the last complete poll of any parent.
    var lastPoll: Timestamp?
    /// Whether records become durable.
    var isJournalHealthy = true
    /// The moment of the present step.
    private(set) var now: Moment
    private var outbox = Outbox()
    /// Server times of what observe mode would have cancelled in the last hour.
    private var wouldCancelTimes: [Timestamp] = []

    init(_ state: WatchState, at now: Moment) {
        self.state = state
        self.now = now
        // Lists may go on to show what ended before the start.
        for end in state.ends.all { memory.ended.insert(end, listedIn: 0) }
    }

    /// A step begins.
    func begin(at now: Moment) {
        self.now = now
    }

    /// Whether the step has something to make durable.
    var hasRecords: Bool { !outbox.records.isEmpty || !outbox.intents.isEmpty }

    /// What the step wants done; the next one begins with nothing.
    func takeOutbox() -> Outbox {
        defer { outbox = Outbox() }
        return outbox
    }

    // MARK: Facts

    /// Takes a fact in, to be made durable and told of.
    /// - Parameter plan: of the service that it is about.
    func record(_ record: JournalRecord, of plan: ServicePlan) {
        // Some reports need what the record is about to remove.
        let report = Report(of: record, in: self, plan)
        guard apply(record) else { return }
        outbox.records.append(record)
        if let report { outbox.reports.append(report) }
    }

    /// Takes a fact in that nobody needs to hear of.
    func recordQuietly(_ record: JournalRecord) {
        if apply(record) { outbox.records.append(record) }
    }

    /// Takes a fact in that the journal holds already.
    /// - Returns: whether the state took it.
    @discardableResult
    func apply(_ record: JournalRecord) -> Bool {
        let removed = removedOperation(by: record)
        let walk = removed.map { memory.listedIn($0, serial: state.serial($0)) } ?? 0
        let endCount = state.ends.count
        do throws(WatchState.IllegalTransition) {
            try state.apply(record)
        } catch {
            note(.error, "a record that cannot follow was left out: \(error)")
            return false
        }
        if let removed, !state.tables[removed.table].isLive(removed.slot) {
            memory.forget(removed)
            if state.ends.count > endCount, let end = state.ends.last {
                memory.ended.insert(end, listedIn: walk)
            }
            proofs[removed] = nil
            closingFetches.remove(removed)
        }
        // The polls of its new parent have numbers of their own.
        if case .moved(let operation, _) = record, let ref = state.find(operation) {
            memory.absences[ref] = nil
        }
        return true
    }

    private func removedOperation(by record: JournalRecord) -> OperationRef? {
        guard record.traits.contains(.end), case .operation(let operation) = record.subject else {
            return nil
        }
        return state.find(operation)
    }

    /// The end of an operation without an open cancel.
    func close(_ ref: OperationRef, code: Int64, at now: Timestamp, of plan: ServicePlan) {
        guard state.cancel(ref)?.isOpen != true else { return }
        record(state.closing(ref, code: code, at: now), of: plan)
    }

    /// Wants an intent made durable.
    func draft(_ intent: DraftIntent) {
        outbox.intents.append(intent)
    }

    /// Counts what observe mode would cancel.
    /// - Returns: its number in this hour.
    func countWouldCancel(at time: Timestamp) -> Int {
        wouldCancelTimes.removeAll { time.duration(since: $0) > SpentBudget.window }
        wouldCancelTimes.append(time)
        return wouldCancelTimes.count
    }

    /// Forgets what is too old to matter, by the time of a service that agrees with ours.
    func prune(at serverTime: Timestamp) {
        state.prune(at: serverTime)
        outbox.serverTime = max(serverTime, outbox.serverTime ?? serverTime)
    }

    // MARK: What is told

    func tell(_ report: Report) {
        outbox.reports.append(report)
    }

    /// Free text, for what has no entry in the catalog.
    func note(_ priority: Priority, _ message: String) {
        outbox.reports.append(Report(priority, message))
    }

    /// Free text about one operation.
    func note(_ priority: Priority, of operation: OperationLabel, _ message: String) {
        outbox.reports.append(Report(priority, of: operation, message))
    }

    /// A service is reached from now on, or reached otherwise; nil: no longer.
    func connect(_ id: ServiceID, _ service: WatchedService?) {
        outbox.connections.append((id, service))
    }

    // MARK: Parts of it

    /// The cancels that are not proven, the first first.
    var openIntents: [(ref: OperationRef, intent: JournalRecord.Intent)] {
        state.openCancels.compactMap { ref in state.cancel(ref).map { (ref, $0.intent) } }
            .sorted { $0.intent.id < $1.intent.id }
    }

    /// Whether another attempt of an operation may follow the open one.
    func mayRetryCancel(_ ref: OperationRef) -> Bool {
        proofs[ref]?.verification.mayRetry ?? false
    }

    func pauseStalls(of partition: Partition) {
        let state = state
        memory.resetStalls { state.partition($0) == partition }
    }
}
