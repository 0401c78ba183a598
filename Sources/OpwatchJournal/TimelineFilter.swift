internal import OpwatchCore
package import WireFormat

/// Which lines of the journal a timeline is to show.
package struct TimelineFilter: Sendable {
    /// Written at or after this, by the wall clock of the line.
    package var since: Timestamp?
    /// About operations of this name, at whatever endpoint.
    package var operation: String?
    /// Only what was decided, asked and proven about cancels.
    package var onlyCancels: Bool
    /// The intents of the operation so far: what came of one names the intent alone.
    private var intents: Set<IntentID> = []

    /// Takes everything unless told otherwise.
    package init(since: Timestamp? = nil, operation: String? = nil, onlyCancels: Bool = false) {
        self.since = since
        self.operation = operation
        self.onlyCancels = onlyCancels
    }

    /// Whether the line is to be shown; to be asked of every line, oldest first.
    mutating func takes(_ line: JournalLine) -> Bool {
        guard let record = line.content.told else {
            return operation == nil && !onlyCancels && isRecent(line)
        }
        let isAboutOperation = concernsOperation(record)
        let isWanted = !onlyCancels || record.traits.contains(.cancel)
        return isAboutOperation && isRecent(line) && isWanted
    }

    private func isRecent(_ line: JournalLine) -> Bool {
        since.map { line.at >= $0 } ?? true
    }

    private mutating func concernsOperation(_ record: JournalRecord) -> Bool {
        guard let operation else { return true }
        switch record.subject {
        case .operation(let identity):
            guard identity.name == operation else { return false }
            if case .intent(let intent) = record { intents.insert(intent.id) }
            return true
        case .intent(let id): return intents.contains(id)
        case .service, .daemon: return false
        }
    }
}
