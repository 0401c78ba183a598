package import WireFormat

extension WatchState {
    /// What is remembered of an operation, for the decider.
    package func remembered(
        _ ref: OperationRef, memory: PollMemory, mayRetryCancel: Bool
    ) -> Remembered {
        let table = tables[ref.table]
        return Remembered(
            since: table.since(ref.slot),
            hasCreation: table.flags(ref.slot).contains(.hasCreation),
            isStarted: table.flags(ref.slot).contains(.started),
            warning: table.warnings[ref.slot], cancel: table.cancels[ref.slot],
            mayRetryCancel: mayRetryCancel, stall: memory.stalls[ref])
    }

    /// Operations that this partition listed first.
    package func tracked(by partition: Partition) -> [OperationRef] {
        guard let table = endpoints.firstIndex(of: partition.endpoint),
            let index = number(of: partition)
        else { return [] }
        return tables[table].slots(ofPartition: index)
            .map { OperationRef(table: table, slot: $0) }
    }

    /// Whether the candidate's place is still its operation's.
    package func holds(_ candidate: Poll.Candidate) -> Bool {
        serial(candidate.operation) == candidate.serial
    }

    /// Equal deadlines are ordered by something that the order of a list cannot change.
    func isName(of left: OperationRef, before right: OperationRef) -> Bool {
        tables[left.table].isName(left.slot, before: right.slot)
    }

    /// How the end of an operation without an open cancel is journalled.
    ///
    /// Code 1 without a cancel of ours was somebody else's; after `refused` or `defied` the real
    /// end is a late verdict.
    package func closing(_ ref: OperationRef, code: Int64, at now: Timestamp) -> JournalRecord {
        let identity = identity(ref)
        if let history = cancel(ref), case .ended = history.state {
            return .verdict(
                identity, history.intent.id, history.verdict(code: code), late: true, at: now)
        }
        if code == 1 { return .verdict(identity, nil, .cancelledByOther, late: false, at: now) }
        return .finished(identity, code: code)
    }
}
