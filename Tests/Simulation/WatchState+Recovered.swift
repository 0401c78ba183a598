import OpwatchCore
import WireFormat

extension WatchState {
    /// Whether the state, as a start read it, has these records, which were held as the process
    /// died: by the operations that only they have begun or ended.
    func hasTaken(_ held: [JournalRecord]) -> Bool {
        var begun: Set<OperationIdentity> = []
        /// Since when each is known; nil: it has ended.
        var known: [OperationIdentity: Timestamp?] = [:]
        for record in held {
            switch record {
            case .seen(let seen):
                let operation = OperationIdentity(
                    endpoint: seen.partition.endpoint, name: seen.name)
                if known[operation] == nil { begun.insert(operation) }
                known[operation] = seen.since
            case .finished(let operation, _), .vanished(let operation), .dropped(let operation):
                known[operation] = .some(nil)
            default: break
            }
        }
        // What began and ended while held leaves no sign.
        let signs = known.filter { $0.value != nil || !begun.contains($0.key) }
        return !signs.isEmpty && signs.allSatisfy { since($0.key) == $0.value }
    }

    private func since(_ operation: OperationIdentity) -> Timestamp? {
        find(operation).map { tables[$0.table].since($0.slot) }
    }
}
