import WireFormat

extension WatchState {
    /// The shortest list of records that folds to this state.
    ///
    /// A checkpoint is made of ordinary records, so that one codec and one `apply` serve both.
    package func checkpoint() -> [JournalRecord] {
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
        var histories: [(OperationIdentity, CancelHistory)] = []
        for ref in operations {
            appendOperation(ref, to: &records)
            if let history = cancel(ref) { histories.append((identity(ref), history)) }
        }
        appendCancels(histories.sorted { $0.1.intent.id < $1.1.intent.id }, to: &records)
        for ref in operations where tables[ref.table].flags(ref.slot).contains(.deferred) {
            records.append(.deferred(identity(ref), reason: "carried over"))
        }
        return records
    }

    private func appendOperation(_ ref: OperationRef, to records: inout [JournalRecord]) {
        let table = tables[ref.table]
        let identity = identity(ref)
        let flags = table.flags(ref.slot)
        records.append(
            .seen(
                JournalRecord.Seen(
                    partition: partition(ref), name: identity.name, since: table.since(ref.slot),
                    isCreation: flags.contains(.hasCreation))))
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
    }

    /// Intents in the order of their numbers, each with what became of it; then the rest of the
    /// budget, which belongs to operations that are gone or to earlier intents.
    private func appendCancels(
        _ histories: [(OperationIdentity, CancelHistory)], to records: inout [JournalRecord]
    ) {
        var counted: Set<IntentID> = []
        for (identity, history) in histories {
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
