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
            records.append(.breaker(service: service, opened: breaker.cause, at: breaker.since))
        }
        for (kind, at) in unsupported.all {
            records.append(
                .unsupported(
                    kind.endpoint, collection: kind.collection, type: kind.type, at: at))
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
                    isCreation: flags.contains(.hasCreation),
                    isStarted: flags.contains(.started)))
        ]
        if flags.contains(.unlisted) { records.append(.unlisted(identity)) }
        if let warning = table.warnings[ref.slot] {
            records.append(
                .warned(
                    JournalRecord.Warned(
                        operation: identity, rule: warning.rule, clock: warning.clock,
                        deadline: warning.deadline,
                        age: warning.at.duration(since: warning.deadline) + warning.timeout,
                        timeout: warning.timeout, at: warning.at, mode: warning.mode,
                        ruleHash: warning.ruleHash, isNotice: warning.isNotice)))
        }
        if let stalled = table.stallings[ref.slot] {
            records.append(
                .stalling(
                    JournalRecord.Stalling(
                        operation: identity, fieldHash: stalled.fieldHash, since: stalled.since,
                        stalledFor: stalled.stalledFor)))
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
            case .answered(let answer): records.append(Self.asked(history, answer))
            case .ended(let verdict, let at):
                records.append(Self.way(to: verdict, history))
                records.append(.verdict(identity, id, verdict, late: false, at: at))
            }
        }
        for entry in spent.entries where !(entry.intent.map(counted.contains) ?? false) {
            records.append(.spent(service: entry.service, at: entry.at))
        }
        // Behind the verdicts above, which count anew what was counted in another order.
        let ended = histories.lazy.map(\.1).filter { !$0.isOpen }.map(\.intent.service)
        for service in Set(ended).union(failedCancels.keys).sorted() {
            records.append(.failedCancels(service: service, count: failedCancels[service] ?? 0))
        }
        return records
    }

    /// What came of the latest intent before its verdict; which refusal it was matters no more.
    private static func way(to verdict: Verdict, _ history: CancelHistory) -> JournalRecord {
        if history.isWithdrawn { return .withdrawn(history.intent.id, reason: "carried over") }
        if history.earlier.refusals > 0 { return asked(history, .refused(.passing)) }
        return asked(history, verdict == .refused ? .missing : .accepted)
    }

    private static func asked(_ history: CancelHistory, _ answer: CancelAnswer) -> JournalRecord {
        let wordless = history.earlier.wordless
        let (http, status): (Int, String) =
            switch answer {
            case .accepted: (200, AskedStatus.ok)
            case _ where wordless != 0: (wordless, AskedStatus.wordless)
            case .refused(.passing): (400, StatusCode.failedPrecondition.rawValue)
            case .refused(.lasting): (400, StatusCode.invalidArgument.rawValue)
            case .refused(.unimplemented): (501, StatusCode.unimplemented.rawValue)
            case .missing: (404, StatusCode.notFound.rawValue)
            case .denied: (403, StatusCode.permissionDenied.rawValue)
            case .unanswered: (0, "UNANSWERED")
            }
        return .asked(history.intent.id, http: http, status: status, words: history.words)
    }
}
