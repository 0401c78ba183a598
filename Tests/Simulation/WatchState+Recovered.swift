import OpwatchCore

extension WatchState {
    /// Whether the state, as a start read it, has these records, which were held as the process
    /// died: by the operations that only they have begun or ended.
    func hasTaken(_ held: [JournalRecord]) -> Bool {
        var begun: Set<OperationIdentity> = []
        var isAlive: [OperationIdentity: Bool] = [:]
        for record in held {
            switch record {
            case .seen(let seen):
                let operation = OperationIdentity(
                    endpoint: seen.partition.endpoint, name: seen.name)
                begun.insert(operation)
                isAlive[operation] = true
            case .finished(let operation, _), .vanished(let operation), .dropped(let operation):
                isAlive[operation] = false
            default: break
            }
        }
        // What began and ended while held leaves no sign.
        let signs = isAlive.filter { $0.value || !begun.contains($0.key) }
        return !signs.isEmpty && signs.allSatisfy { (find($0.key) != nil) == $0.value }
    }
}
