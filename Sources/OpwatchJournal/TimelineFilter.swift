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
        return isAboutOperation && isRecent(line) && (!onlyCancels || record.concernsCancel)
    }

    private func isRecent(_ line: JournalLine) -> Bool {
        since.map { line.at >= $0 } ?? true
    }

    private mutating func concernsOperation(_ record: JournalRecord) -> Bool {
        guard let operation else { return true }
        switch record {
        case .intent(let intent):
            guard intent.operation.name == operation else { return false }
            intents.insert(intent.id)
            return true
        case .withdrawn(let intent, _), .asked(let intent, _, _, _):
            return intents.contains(intent)
        case .seen(let seen): return seen.name == operation
        case .warned(let warned): return warned.operation.name == operation
        case .stalling(let stalling): return stalling.operation.name == operation
        case .wouldCancel(let would): return would.operation.name == operation
        case .deferred(let identity, _), .unlisted(let identity), .relisted(let identity),
            .started(let identity), .finished(let identity, _), .vanished(let identity),
            .dropped(let identity), .moved(let identity, _), .verdict(let identity, _, _, _, _, _):
            return identity.name == operation
        case .open, .close, .policy, .failedCancels, .breaker, .unsupported, .damage,
            .damageAccepted, .spent, .unknown:
            return false
        }
    }
}

extension JournalRecord {
    fileprivate var concernsCancel: Bool {
        switch self {
        case .intent, .withdrawn, .asked, .verdict: true
        case .open, .close, .policy, .seen, .warned, .started, .stalling, .wouldCancel, .deferred,
            .unlisted, .relisted, .finished, .vanished, .dropped, .moved, .failedCancels, .breaker,
            .unsupported, .damage, .damageAccepted, .spent, .unknown:
            false
        }
    }
}
