package import OpwatchCore

/// What reading a journal gives, in order.
package enum ReplayStep: Sendable, Equatable {
    /// A file is read from its start; what came before, of a newer file, does not count.
    case begin(file: String)
    /// A record of the checkpoint or behind it; kinds of a later version come as `unknown`.
    case record(JournalRecord, LinePlace)
    /// Something durable is gone: comes last, once.
    case damaged(BadLine)
}

/// Where in its file a line stands.
package struct LinePlace: Sendable, Equatable {
    /// Counts from 1.
    package let line: Int
    /// Bytes from the start of the file to the start of the line.
    package let offset: Int64
}

/// The fold of a journal that is being read: the same `apply` as live.
package struct Replay: Sendable {
    /// As of the last record that could follow.
    package private(set) var state = WatchState()
    /// The first record that could not follow what came before it. It was left out, and the state
    /// says damage: no crash writes such a line.
    package private(set) var misfit: BadLine?
    private var file = ""

    /// The state of an empty journal.
    package init() {}

    /// Takes the next step in.
    package mutating func take(_ step: ReplayStep) {
        switch step {
        case .begin(let name):
            self = Replay()
            file = name
        case .record(let record, let place):
            do throws(WatchState.IllegalTransition) {
                try state.apply(record)
            } catch {
                guard misfit == nil else { return }
                let bad = BadLine(
                    file: file, line: place.line, offset: place.offset,
                    what: "cannot follow what stands before it: \(error)")
                misfit = bad
                note(bad)
            }
        case .damaged(let bad): note(bad)
        }
    }

    private mutating func note(_ bad: BadLine) {
        do throws(WatchState.IllegalTransition) {
            try state.apply(.damage(file: bad.file, offset: bad.offset))
        } catch {
            preconditionFailure("Damage can follow anything.")
        }
    }
}
