import WireFormat

extension WatchState {
    /// The shortest list of records that folds to this state, made one by one: a million
    /// operations need no room beside the state.
    ///
    /// A checkpoint is made of ordinary records, so that one codec and one `apply` serve both.
    package func checkpoint() -> Checkpoint { Checkpoint(state: self) }

    /// The records of a checkpoint, in an order in which they can be applied.
    package struct Checkpoint: Sequence, IteratorProtocol {
        private let state: WatchState
        private var stage = Stage.whole
        private var table = 0
        private var slot = 0
        /// Made, and still to be given; the next one is the last.
        private var ready: [JournalRecord] = []

        private enum Stage {
            /// What is known of no single operation.
            case whole
            case operations
            case cancels
            case deferrals
            case done
        }

        fileprivate init(state: WatchState) {
            self.state = state
        }

        /// The next record; nil at the end.
        package mutating func next() -> JournalRecord? {
            while ready.isEmpty {
                switch stage {
                case .whole:
                    ready = state.wholeRecords().reversed()
                    stage = .operations
                case .operations:
                    if let ref = nextOperation() {
                        ready = state.records(of: ref).reversed()
                    } else {
                        stage = .cancels
                    }
                case .cancels:
                    ready = state.cancelRecords().reversed()
                    (stage, table, slot) = (.deferrals, 0, 0)
                case .deferrals:
                    guard let ref = nextOperation() else {
                        stage = .done
                        break
                    }
                    if state.tables[ref.table].flags(ref.slot).contains(.deferred) {
                        ready = [.deferred(state.identity(ref), reason: "carried over")]
                    }
                case .done: return nil
                }
            }
            return ready.popLast()
        }

        private mutating func nextOperation() -> OperationRef? {
            while table < state.tables.count {
                while slot < state.tables[table].slotEnd {
                    defer { slot += 1 }
                    if state.tables[table].isLive(slot) {
                        return OperationRef(table: table, slot: slot)
                    }
                }
                (table, slot) = (table + 1, 0)
            }
            return nil
        }
    }

    private func wholeRecords() -> [JournalRecord] {
        var records: [JournalRecord] = []
        if let policy {
            records.append(
                .policy(hash: policy.hash, mode: policy.mode, semantics: policy.semantics))
        }
        if let damage { records.append(.damage(file: damage.file, offset: damage.offset)) }
        for (service, breaker) in breakers.sorted(by: { $0.key < $1.key }) {
            records.append(.breaker(service: service, opened: breaker.reason, at: breaker.since))
        }
        let collections = unsupported.sorted { left, right in
            (left.key.endpoint.description, left.key.name)
                < (right.key.endpoint.description, right.key.name)
        }
        for (key, at) in collections {
            records.append(.unsupported(key.endpoint, collection: key.name, at: at))
        }
        return records
    }

    private func records(of ref: OperationRef) -> [JournalRecord] {
        let table = tables[ref.table]
        let identity = identity(ref)
        let flags = table.flags(ref.slot)
        var records: [JournalRecord] = [
            .seen(
                JournalRecord.Seen(
                    partition: partition(ref), name: identity.name, since: table.since(ref.slot),
                    isCreation: flags.contains(.hasCreation)))
        ]
        if flags.contains(.unlisted) { records.append(.unlisted(identity)) }
        if let warning = table.warnings[ref.slot] {
            records.append(
                .warned(
                    JournalRecord.Warned(
                        operation: identity, rule: warning.rule, clock: warning.clock,
                        deadline: warning.deadline,
                        age: warning.at.duration(since: warning.deadline) + warning.timeout,
                        timeout: warning.timeout, at: warning.at, mode: warning.mode)))
        }
        if let would = table.wouldCancels[ref.slot] {
            records.append(
                .wouldCancel(
                    JournalRecord.WouldCancel(
                        operation: identity, rule: would.rule, clock: would.clock, age: would.age,
                        timeout: would.timeout)))
        }
        return records
    }

    /// Intents in the order of their numbers, each with what became of it; then the rest of the
    /// budget, which belongs to operations that are gone or to earlier intents.
    private func cancelRecords() -> [JournalRecord] {
        var records: [JournalRecord] = []
        var counted: Set<IntentID> = []
        let histories = tables.indices.flatMap { table in
            tables[table].cancels.map { slot, history in
                (identity(OperationRef(table: table, slot: slot)), history)
            }
        }
        for (identity, history) in histories.sorted(by: { $0.1.intent.id < $1.1.intent.id }) {
            let id = history.intent.id
            counted.insert(id)
            records.append(.intent(history.intent))
            switch history.state {
            case .recorded: break
            case .withdrawn: records.append(.withdrawn(id, reason: "carried over"))
            case .answered(let answer): records.append(Self.asked(id, answer))
            case .ended(let verdict, let at):
                // Which refusal it was matters no more.
                let answer: CancelAnswer =
                    verdict == .refused ? .refused(isUnimplemented: false) : .accepted
                records.append(Self.asked(id, answer))
                records.append(.verdict(identity, id, verdict, late: false, at: at))
            }
        }
        for entry in spent.entries where !(entry.intent.map(counted.contains) ?? false) {
            records.append(.spent(service: entry.service, at: entry.at))
        }
        return records
    }

    private static func asked(_ id: IntentID, _ answer: CancelAnswer) -> JournalRecord {
        switch answer {
        case .accepted: .asked(id, http: 200, status: AskedStatus.ok)
        case .refused(isUnimplemented: true):
            .asked(id, http: 501, status: AskedStatus.unimplemented)
        case .refused(isUnimplemented: false):
            .asked(id, http: 400, status: AskedStatus.failedPrecondition)
        case .missing: .asked(id, http: 404, status: AskedStatus.notFound)
        case .denied: .asked(id, http: 403, status: AskedStatus.permissionDenied)
        case .unanswered: .asked(id, http: 0, status: "UNANSWERED")
        }
    }
}
