import OpwatchEngine
import OpwatchReports

/// Sends reports to the log: the first 20 of a kind in one batch, then a count; keeps the day's
/// figures for the summary.
final class Reporter {
    private let write: @Sendable (JournalEntry) -> Void
    private var counts: [MessageKind: Int] = [:]

    static let shownOfAKind = 20
    /// Up to so many of a kind all are shown.
    static let allOfAKind = 50

    init(write: @escaping @Sendable (JournalEntry) -> Void) {
        self.write = write
    }

    func report(_ report: Report) {
        if let kind = report.kind { counts[kind, default: 0] += 1 }
        write(report.entry)
    }

    /// The transitions of one step.
    func report(_ reports: [Report]) {
        var total: [MessageKind: Int] = [:]
        for kind in reports.compactMap(\.kind) { total[kind, default: 0] += 1 }
        var told: [MessageKind: Int] = [:]
        for report in reports {
            guard let kind = report.kind else {
                write(report.entry)
                continue
            }
            counts[kind, default: 0] += 1
            told[kind, default: 0] += 1
            let number = told[kind, default: 0]
            let all = total[kind, default: 0]
            if all <= Self.allOfAKind || number <= Self.shownOfAKind {
                write(report.entry)
            } else if number == all {
                write(Report.more(like: report, kind, count: all - Self.shownOfAKind).entry)
            }
        }
    }

    /// Free text, for what has no entry in the catalog.
    func note(_ priority: Priority, _ message: String) {
        write(JournalEntry(priority, message))
    }

    /// The counts since the last summary, as text; nil when nothing happened.
    func summary() -> String? {
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
