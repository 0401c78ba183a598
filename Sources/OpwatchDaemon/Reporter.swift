import OpwatchCore
import OpwatchSystemd

/// Sends reports to the log: the first 20 of a kind in one batch, then a count; keeps the day's
/// figures for the summary.
struct Reporter {
    private let write: @Sendable (JournalEntry) -> Void
    private var counts: [MessageKind: Int] = [:]

    static let shownOfAKind = 20
    /// Up to so many of a kind all are shown.
    static let allOfAKind = 50

    init(write: @escaping @Sendable (JournalEntry) -> Void) {
        self.write = write
    }

    mutating func report(_ report: Report) {
        counts[report.kind, default: 0] += 1
        write(report.entry)
    }

    /// The transitions of one page or poll.
    mutating func report(_ reports: [Report]) {
        var total: [MessageKind: Int] = [:]
        for report in reports { total[report.kind, default: 0] += 1 }
        var told: [MessageKind: Int] = [:]
        for report in reports {
            counts[report.kind, default: 0] += 1
            told[report.kind, default: 0] += 1
            let number = told[report.kind, default: 0]
            let all = total[report.kind, default: 0]
            if all <= Self.allOfAKind || number <= Self.shownOfAKind {
                write(report.entry)
            } else if number == all {
                write(Report.more(like: report, count: all - Self.shownOfAKind).entry)
            }
        }
    }

    /// Free text, for what has no entry in the catalog.
    func note(_ priority: Priority, _ message: String) {
        write(JournalEntry(priority, message))
    }

    /// The counts since the last summary, as text; nil when nothing happened.
    mutating func summary() -> String? {
        let told: [MessageKind] = [
            .warned, .wouldCancel, .cancelAsked, .cancelled, .finishedAnyway, .failedOtherwise,
            .vanished, .refused, .defied, .cancelledByOther, .pollFailed,
        ]
        let parts = told.compactMap { kind in
            counts[kind].map { "\($0) \(kind.rawValue)" }
        }
        counts = [:]
        return parts.isEmpty ? nil : parts.joined(separator: ", ")
    }
}
