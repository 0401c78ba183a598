package import WireFormat

/// Everything the daemon must not forget: the fold of the journal, the same live and in replay.
package struct WatchState: Sendable {
    /// One table an endpoint; an endpoint keeps its place for the life of the state.
    package var tables: [OperationTable] = []
    package private(set) var endpoints: [Endpoint] = []
    package private(set) var partitions: [Partition] = []
    package private(set) var spent = SpentBudget()
    /// Services whose breaker is open, and why.
    package private(set) var breakers: [String: OpenBreaker] = [:]
    /// Collections that do not implement cancel, and since when that is known.
    package private(set) var unsupported: [Collection: Timestamp] = [:]
    package private(set) var policy: AcceptedPolicy?
    package private(set) var damage: Damage?
    private var openIntents: [IntentID: OperationRef] = [:]

    package init() {}

    /// Where an operation stands; valid until it is removed.
    package struct OperationRef: Sendable, Hashable {
        package let table: Int
        package let slot: Int

        package init(table: Int, slot: Int) {
            self.table = table
            self.slot = slot
        }
    }

    package struct OpenBreaker: Sendable, Equatable {
        package let reason: String
        package let since: Timestamp
    }

    package struct Collection: Sendable, Hashable {
        package let endpoint: Endpoint
        package let name: String
    }

    package struct AcceptedPolicy: Sendable, Equatable {
        package let hash: PolicyHash
        package let mode: Mode
        package let semantics: Int

        package init(hash: PolicyHash, mode: Mode, semantics: Int) {
            self.hash = hash
            self.mode = mode
            self.semantics = semantics
        }
    }

    package struct Damage: Sendable, Equatable {
        package let file: String
        package let offset: Int64
    }

    /// A record that cannot follow what came before it.
    package struct IllegalTransition: Error, Equatable, CustomStringConvertible {
        package let description: String
    }

    // MARK: Looking

    package var operationCount: Int { tables.reduce(0) { $0 + $1.count } }

    package func find(_ operation: OperationIdentity) -> OperationRef? {
        guard let table = endpoints.firstIndex(of: operation.endpoint),
            let slot = tables[table].find(operation.name)
        else { return nil }
        return OperationRef(table: table, slot: slot)
    }

    package func identity(_ ref: OperationRef) -> OperationIdentity {
        OperationIdentity(
            endpoint: endpoints[ref.table], name: tables[ref.table].name(ref.slot))
    }

    package func partition(_ ref: OperationRef) -> Partition {
        partitions[tables[ref.table].partition(ref.slot)]
    }

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

    /// Whether UNIMPLEMENTED is still remembered for the operation's collection.
    package func unsupportedUntil(
        _ operation: OperationIdentity, at now: Timestamp
    ) -> Timestamp? {
        let key = Collection(endpoint: operation.endpoint, name: operation.collection)
        guard let until = unsupported[key]?.advanced(by: .seconds(7 * 86_400)), until > now
        else { return nil }
        return until
    }

    // MARK: The fold

    /// Takes one fact in.
    /// - Throws: where the fact contradicts the ones before it; the state is then unchanged.
    package mutating func apply(_ record: JournalRecord) throws(IllegalTransition) {
        switch record {
        case .open, .close, .clock, .unknown: break
        case .policy(let hash, let mode, let semantics):
            policy = AcceptedPolicy(hash: hash, mode: mode, semantics: semantics)
        case .seen(let seen): try applySeen(seen)
        case .warned(let warned):
            let ref = try tracked(warned.operation, "warned")
            tables[ref.table].warnings[ref.slot] = Warning(warned)
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
        case .finished(let operation, _): remove(try tracked(operation, "finished"))
        case .vanished(let operation): remove(try tracked(operation, "vanished"))
        case .dropped(let operation): remove(try tracked(operation, "dropped"))
        case .intent(let intent): try applyIntent(intent)
        case .withdrawn(let id, _): try applyWithdrawn(id)
        case .asked(let id, let http, let status): try applyAsked(id, http: http, status: status)
        case .verdict(let operation, let id, let verdict, let late, let at):
            try applyVerdict(operation, id, verdict, late: late, at: at)
        case .breaker(let service, let reason?, let at):
            breakers[service] = OpenBreaker(reason: reason, since: at)
        case .breaker(let service, nil, _): breakers[service] = nil
        case .unsupported(let endpoint, let collection, let at):
            unsupported[Collection(endpoint: endpoint, name: collection)] = at
        case .damage(let file, let offset): damage = Damage(file: file, offset: offset)
        case .spent(let service, let at): spent.add(nil, service: service, at: at)
        }
    }

    private mutating func applySeen(_ seen: JournalRecord.Seen) throws(IllegalTransition) {
        let partition = intern(seen.partition)
        let table = table(of: seen.partition.endpoint)
        let slot = tables[table].insert(
            seen.name, partition: partition, since: seen.since, isCreation: seen.isCreation)
        guard slot != nil else {
            throw IllegalTransition(description: "seen twice: \(seen.name)")
        }
    }

    private mutating func applyIntent(_ intent: JournalRecord.Intent) throws(IllegalTransition) {
        let ref = try tracked(intent.operation, "intent")
        if let earlier = cancel(ref) {
            guard intent.id > earlier.intent.id else {
                throw IllegalTransition(
                    description: "intent \(intent.id.number) after \(earlier.intent.id.number)")
            }
            if case .ended(let verdict, _) = earlier.state {
                throw IllegalTransition(description: "intent after the verdict \(verdict.rawValue)")
            }
            openIntents[earlier.intent.id] = nil
        }
        openIntents[intent.id] = ref
        spent.add(intent.id, service: intent.service, at: intent.serverTime)
        tables[ref.table].set(.deferred, false, at: ref.slot)
        tables[ref.table].cancels[ref.slot] = CancelHistory(
            intent: intent, accepted: intent.attempt - 1, state: .recorded)
    }

    private mutating func applyWithdrawn(_ id: IntentID) throws(IllegalTransition) {
        let (ref, history) = try latest(id, "withdrawn")
        guard history.state == .recorded else {
            throw IllegalTransition(description: "withdrawn after an answer: \(id.number)")
        }
        spent.giveBack(id)
        tables[ref.table].cancels[ref.slot]?.state = .withdrawn
    }

    private mutating func applyAsked(
        _ id: IntentID, http: Int, status: String
    ) throws(IllegalTransition) {
        let (ref, history) = try latest(id, "asked")
        guard history.state == .recorded else {
            throw IllegalTransition(description: "asked twice: \(id.number)")
        }
        let answer = CancelAnswer(http: http, status: status, accepted: history.accepted)
        tables[ref.table].cancels[ref.slot]?.state = .answered(answer)
        if answer == .accepted { tables[ref.table].cancels[ref.slot]?.accepted += 1 }
    }

    private mutating func applyVerdict(
        _ operation: OperationIdentity, _ id: IntentID?, _ verdict: Verdict, late: Bool,
        at time: Timestamp
    ) throws(IllegalTransition) {
        let ref = try tracked(operation, "verdict")
        guard verdict.leavesRunning, !late else { return remove(ref) }
        guard let id, let history = cancel(ref), history.intent.id == id else {
            throw IllegalTransition(description: "\(verdict.rawValue) without its intent")
        }
        tables[ref.table].cancels[ref.slot]?.state = .ended(verdict, at: time)
    }

    // MARK: Parts of it

    private func tracked(
        _ operation: OperationIdentity, _ kind: String
    ) throws(IllegalTransition) -> OperationRef {
        guard let ref = find(operation) else {
            throw IllegalTransition(description: "\(kind) of an unknown operation: \(operation.name)")
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

    private mutating func remove(_ ref: OperationRef) {
        if let history = cancel(ref) { openIntents[history.intent.id] = nil }
        tables[ref.table].remove(ref.slot)
    }

    package mutating func intern(_ partition: Partition) -> Int {
        if let index = partitions.firstIndex(of: partition) { return index }
        partitions.append(partition)
        return partitions.count - 1
    }

    package mutating func table(of endpoint: Endpoint) -> Int {
        if let index = endpoints.firstIndex(of: endpoint) { return index }
        endpoints.append(endpoint)
        tables.append(OperationTable())
        return endpoints.count - 1
    }

    /// Forgets what is too old to matter: budget entries over an hour, refusals over seven days.
    package mutating func prune(at now: Timestamp) {
        spent.prune(at: now)
        unsupported = unsupported.filter { now < $0.value.advanced(by: .seconds(7 * 86_400)) }
    }
}
