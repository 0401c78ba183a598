package import OpwatchCore
package import WireFormat

/// A state as the lines of its checkpoint, whose order may differ from one replay to the next.
package struct StateFingerprint: Sendable, Equatable {
    private let lines: [String]

    /// - Parameter prunedAt: what may be forgotten by then does not count.
    package init(_ state: WatchState, prunedAt: Timestamp? = nil) {
        var state = state
        if let prunedAt { state.prune(at: prunedAt) }
        lines = state.checkpoint().map(Self.line).sorted()
    }

    private static func line(_ record: JournalRecord) -> String {
        var writer = FieldWriter()
        writer.begin(at: .earliest)
        do throws(JournalError) {
            try LineContent.record(record).write(to: &writer)
        } catch {
            // What no line can hold is in no journal either.
            return error.description
        }
        return String(decoding: writer.finish(), as: UTF8.self)
    }

    /// The first line that only one of the two has; nil where they are equal.
    package func difference(from other: Self) -> String? {
        let difference = lines.difference(from: other.lines)
        guard let first = difference.first else { return nil }
        switch first {
        case .insert(_, let line, _): return "only here, with \(difference.count - 1) more: \(line)"
        case .remove(_, let line, _): return "not here, with \(difference.count - 1) more: \(line)"
        }
    }
}
