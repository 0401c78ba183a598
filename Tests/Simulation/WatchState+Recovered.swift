import OpwatchCore

extension WatchState {
    /// Whether it is as only the record can have left it.
    func mustHaveTaken(_ record: JournalRecord) -> Bool {
        switch record {
        case .seen(let seen):
            find(OperationIdentity(endpoint: seen.partition.endpoint, name: seen.name)) != nil
        case .finished(let operation, _), .vanished(let operation), .dropped(let operation):
            find(operation) == nil
        default: false
        }
    }
}
