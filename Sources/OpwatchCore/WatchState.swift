package import WireFormat

/// Everything the daemon must not forget: the fold of the journal, the same live and in replay.
package struct WatchState: Sendable {
    /// One table an endpoint; an endpoint keeps its place for the life of the state.
    package private(set) var tables: [OperationTable] = []
    /// Parallel to `tables`.
    package private(set) var endpoints: [Endpoint] = []
    /// Every partition that ever listed an operation first; tables refer to them by number.
    package private(set) var partitions: [Partition] = []
    /// Where each stands in `partitions`.
    private var partitionNumbers: [Partition: Int] = [:]
    /// Cancels of the last hour.
    package private(set) var spent = SpentBudget()
    /// Services whose breaker is open, and why.
    package private(set) var breakers: [String: OpenBreaker] = [:]
    /// Cancels refused or defied in a row, by service; none where it would be 0.
    package private(set) var failedCancels: [String: Int] = [:]
    /// Kinds of operations whose cancel is not implemented.
    package private(set) var unsupported = UnsupportedKinds()
    /// The last policy that was accepted.
    package private(set) var policy: AcceptedPolicy?
    /// Where the journal was found damaged; nil again once a human accepted it.
    package private(set) var damage: Damage?
    private var openIntents: [IntentID: OperationRef] = [:]

    /// What an empty journal folds to.
    package init() {}

    /// Where an operation stands; valid until it is removed.
    package struct OperationRef: Sendable, Hashable {
        /// Index into `tables`.
        package let table: Int
        /// A slot of that table.
        package let slot: Int

        package init(table: Int, slot: Int) {
            self.table = table
            self.slot = slot
        }
    }

    /// A breaker that is open.
    package struct OpenBreaker: Sendable, Equatable {
        package let cause: BreakerCause
        /// Server time.
        package let since: Timestamp
    }

    /// A policy that was accepted, and by which reading of it.
    package struct AcceptedPolicy: Sendable, Equatable {
        /// Of the validated policy.
        package let hash: PolicyHash
        /// Observe or enforce.
        package let mode: Mode
        /// `Policy.semantics` of the build that accepted it.
        package let semantics: Int

        package init(hash: PolicyHash, mode: Mode, semantics: Int) {
            self.hash = hash
            self.mode = mode
            self.semantics = semantics
        }
    }

    /// Where something durable was lost.
    package struct Damage: Sendable, Equatable {
        /// The file's name in the journal's directory.
        package let file: String
        /// Bytes from its start to the first bad line.
        package let offset: Int64
    }

    /// The operations that ended lately; no checkpoint has them.
    package private(set) var ends = RecentEnds()

    /// A record that cannot follow what came before it.
    package struct IllegalTransition: Error, Equatable, CustomStringConvertible {
        /// Which record, and what it contradicts.
        package let description: String
    }

    // MARK: Looking

    /// How many operations a partition listed first and still has.
    package func operationCount(of partition: Partition) -> Int {
        guard let number = partitionNumbers[partition],
            let table = endpoints.firstIndex(of: partition.endpoint)
        else { return 0 }
        return tables[table].count(ofPartition: number)
    }

    /// Operations tracked, over all endpoints.
    package var operationCount: Int { tables.reduce(0) { $0 + $1.count } }

    /// Where the operation stands; nil if it is not tracked.
    package func find(_ operation: OperationIdentity) -> OperationRef? {
        guard let table = endpoints.firstIndex(of: operation.endpoint),
            let slot = tables[table].find(operation.name)
        else { return nil }
        return OperationRef(table: table, slot: slot)
    }

    /// Endpoint and name of the operation.
    package func identity(_ ref: OperationRef) -> OperationIdentity {
        OperationIdentity(
            endpoint: endpoints[ref.table], name: tables[ref.table].name(ref.slot))
    }

    /// The number of a partition that listed an operation first.
    func number(of partition: Partition) -> Int? { partitionNumbers[partition] }

    /// The partition that listed the operation first.
    package func partition(_ ref: OperationRef) -> Partition {
        partitions[tables[ref.table].partition(ref.slot)]
    }

    /// Of the operation that stands there now; 0 where there is none.
    package func serial(_ ref: OperationRef) -> UInt32 {
        tables[ref.table].serial(ref.slot)
    }

    /// Our cancels of the operation.
    package func cancel(_ ref: OperationRef) -> CancelHistory? {
        tables[ref.table].cancels[ref.slot]
    }

    /// Every tracked operation, in no particular order.
    package var operations: [OperationRef] {
        tables.indices.flatMap { table in
            (0..<tables[table].slotEnd).lazy.filter { tables[table].isLive($0) }
                .map { OperationRef(table: table, slot: $0) }
        }
    }

    /// Every operation with a cancel that is not proven yet.
    package var openCancels: [OperationRef] {
        tables.indices.flatMap { table in
            tables[table].cancels.lazy.filter(\.value.isOpen)
                .map { OperationRef(table: table, slot: $0.key) }
        }
    }

    // MARK: The fold

    /// Takes one fact in.
    /// - Throws: where the fact contradicts the ones before it; the state is then unchanged.
    package mutating func apply(_ record: JournalRecord) throws(IllegalTransition) {
        switch record {
        case .open, .close, .unknown: break
        case .policy(let hash, let mode, let semantics):
            policy = AcceptedPolicy(hash: hash, mode: mode, semantics: semantics)
        case .seen(let seen): try applySeen(seen)
        case .warned(let warned):
            let ref = try tracked(warned.operation, "warned")
            tables[ref.table].warnings[ref.slot] = Warning(warned)
        case .started(let operation):
            let ref = try tracked(operation, "started")
            tables[ref.table].set(.started, true, at: ref.slot)
        case .stalling(let stalling):
            let ref = try tracked(stalling.operation, "stalling")
            tables[ref.table].stallings[ref.slot] = Stalled(stalling)
        case .wouldCancel(let would):
            let ref = try tracked(would.operation, "wouldCancel")
            tables[ref.table].wouldCancels[ref.slot] = WouldCancelled(would)
        case .deferred(let operation, _):
            let ref = try tracked(operation, "deferred")
            tables[ref.table].set(.deferred, true, at: ref.slot)
        case .unlisted(let operation):
            let ref = try tracked(operation, "unlisted")
            tables[ref.table].set(.unlisted, true, at: ref.slot)
        case .relisted(let operation):
            let ref = try tracked(operation, "relisted")
            tables[ref.table].set(.unlisted, false, at: ref.slot)
        case .finished(let operation, _): end(try tracked(operation, "finished"), operation)
        case .vanished(let operation): remove(try tracked(operation, "vanished"))
        case .dropped(let operation): remove(try tracked(operation, "dropped"))
        case .moved(let operation, let partition): try applyMoved(operation, to: partition)
        case .intent(let intent): try applyIntent(intent)
        case .withdrawn(let id, _): try applyWithdrawn(id)
        case .asked(let id, let http, let status, let words):
            try applyAsked(id, http: http, status: status, words: words)
        case .verdict(let operation, let id, let verdict, let late, let at, _):
            try applyVerdict(operation, id, verdict, late: late, at: at)
        case .failedCancels(let service, let count):
            failedCancels[service] = count > 0 ? count : nil
        case .breaker(let service, let cause?, let at):
            breakers[service] = OpenBreaker(cause: cause, since: at)
        case .breaker(let service, nil, _):
            // The row that opened it has had its hour; one that it did not open goes on.
            if breakers[service]?.cause.kind != .share { failedCancels[service] = nil }
            breakers[service] = nil
        case .unsupported(let endpoint, let collection, let type, let at):
            unsupported.add(
                OperationKind(endpoint: endpoint, collection: collection, type: type), at: at)
        case .damage(let file, let offset): damage = Damage(file: file, offset: offset)
        case .damageAccepted: damage = nil
        case .spent(let service, let at): spent.add(nil, service: service, at: at)
        }
    }

    private mutating func applySeen(_ seen: JournalRecord.Seen) throws(IllegalTransition) {
        guard find(seen.operation) == nil else {
            throw IllegalTransition(description: "seen twice: \(seen.name)")
        }
        let table = table(of: seen.partition.endpoint)
        let slot = tables[table].add(
            seen.name, partition: intern(seen.partition), since: seen.since,
            isCreation: seen.isCreation)
        guard slot != nil else {
            throw IllegalTransition(description: "no room to track \(seen.name)")
        }
        if seen.isStarted, let slot { tables[table].set(.started, true, at: slot) }
    }

    private mutating func applyMoved(
        _ operation: OperationIdentity, to partition: Partition
    ) throws(IllegalTransition) {
        let ref = try tracked(operation, "moved")
        guard partition.endpoint == operation.endpoint,
            tables[ref.table].setPartition(intern(partition), at: ref.slot)
        else { throw IllegalTransition(description: "moved to another endpoint") }
    }

    private mutating func applyIntent(_ intent: JournalRecord.Intent) throws(IllegalTransition) {
        let ref = try tracked(intent.operation, "intent")
        guard intent.attempt >= 1 else {
            throw IllegalTransition(description: "attempt \(intent.attempt)")
        }
        var intent = intent
        if let earlier = cancel(ref) {
            guard intent.id > earlier.intent.id else {
                throw IllegalTransition(
                    description: "intent \(intent.id.number) after \(earlier.intent.id.number)")
            }
            if case .ended(let verdict, _) = earlier.state {
                throw IllegalTransition(description: "intent after the verdict \(verdict.rawValue)")
            }
            openIntents[earlier.intent.id] = nil
            // Lines of earlier versions do not tell it themselves.
            if earlier.told.mayHaveArrived { intent.earlier.mayHaveArrived = true }
        }
        openIntents[intent.id] = ref
        spent.add(intent.id, service: intent.service, at: intent.serverTime)
        tables[ref.table].set(.deferred, false, at: ref.slot)
        tables[ref.table].cancels[ref.slot] = CancelHistory(intent)
    }

    private mutating func applyWithdrawn(_ id: IntentID) throws(IllegalTransition) {
        let (ref, history) = try latest(id, "withdrawn")
        guard history.state == .recorded else {
            throw IllegalTransition(description: "withdrawn after an answer: \(id.number)")
        }
        spent.giveBack(id)
        tables[ref.table].cancels[ref.slot]?.state = .withdrawn
        tables[ref.table].cancels[ref.slot]?.isWithdrawn = true
    }

    private mutating func applyAsked(
        _ id: IntentID, http: Int, status: String, words: String
    ) throws(IllegalTransition) {
        var (ref, history) = try latest(id, "asked")
        guard history.state == .recorded else {
            throw IllegalTransition(description: "asked twice: \(id.number)")
        }
        let answer = history.meaning(http: http, status: status)
        history.take(answer, http: http, status: status, words: words)
        tables[ref.table].cancels[ref.slot] = history
        // A cancel that the service will not do costs nobody anything.
        if case .refused = answer { spent.giveBack(id) }
    }

    private mutating func applyVerdict(
        _ operation: OperationIdentity, _ id: IntentID?, _ verdict: Verdict, late: Bool,
        at time: Timestamp
    ) throws(IllegalTransition) {
        let ref = try tracked(operation, "verdict")
        let history = cancel(ref)
        guard id == nil ? verdict == .cancelledByOther : history?.intent.id == id else {
            throw IllegalTransition(description: "\(verdict.rawValue) without its intent")
        }
        guard history?.mayEnd(with: verdict, late: late) ?? !(late || verdict.leavesRunning) else {
            throw IllegalTransition(
                description: "\(late ? "late " : "")\(verdict.rawValue) cannot follow what is "
                    + "known of \(operation.name)")
        }
        if !late, let history { count(verdict, of: history) }
        // What answers 404 may come back as it was.
        if verdict == .vanished { return remove(ref) }
        guard verdict.leavesRunning else { return end(ref, operation) }
        tables[ref.table].cancels[ref.slot]?.end(verdict, at: time)
    }

    /// UNIMPLEMENTED says nothing about the next operation's cancel and is not counted.
    private mutating func count(_ verdict: Verdict, of history: CancelHistory) {
        let service = history.intent.service
        switch verdict {
        case .refused:
            spent.giveBack(history.intent.id)
            if history.state == .answered(.refused(.unimplemented)) { return }
            failedCancels[service, default: 0] += 1
        case .defied: failedCancels[service, default: 0] += 1
        case .cancelled, .finishedAnyway, .failedOtherwise, .vanished: failedCancels[service] = nil
        case .cancelledByOther: break
        }
    }

    // MARK: Parts of it

    private func tracked(
        _ operation: OperationIdentity, _ kind: String
    ) throws(IllegalTransition) -> OperationRef {
        guard let ref = find(operation) else {
            throw IllegalTransition(
                description: "\(kind) of an unknown operation: \(operation.name)")
        }
        return ref
    }

    private func latest(
        _ id: IntentID, _ kind: String
    ) throws(IllegalTransition) -> (OperationRef, CancelHistory) {
        guard let ref = openIntents[id], let history = cancel(ref), history.intent.id == id else {
            throw IllegalTransition(description: "\(kind) of an unknown intent: \(id.number)")
        }
        return (ref, history)
    }

    private mutating func end(_ ref: OperationRef, _ operation: OperationIdentity) {
        let table = tables[ref.table]
        ends.append(
            EndedOperation(
                operation: operation, since: table.since(ref.slot),
                hasCreation: table.flags(ref.slot).contains(.hasCreation),
                partition: partition(ref)))
        remove(ref)
    }

    private mutating func remove(_ ref: OperationRef) {
        if let history = cancel(ref) { openIntents[history.intent.id] = nil }
        tables[ref.table].remove(ref.slot)
    }

    private mutating func intern(_ partition: Partition) -> Int {
        if let number = partitionNumbers[partition] { return number }
        partitionNumbers[partition] = partitions.count
        partitions.append(partition)
        return partitions.count - 1
    }

    private mutating func table(of endpoint: Endpoint) -> Int {
        if let index = endpoints.firstIndex(of: endpoint) { return index }
        endpoints.append(endpoint)
        tables.append(OperationTable())
        return endpoints.count - 1
    }

    /// Forgets what is too old to matter: budget entries over an hour, refusals over seven days.
    package mutating func prune(at now: Timestamp) {
        spent.prune(at: now)
        unsupported.prune(at: now)
    }
}
