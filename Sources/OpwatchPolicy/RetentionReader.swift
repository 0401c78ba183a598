import OpwatchCore
import WireFormat

/// Reads `journal:`.
struct RetentionReader {
    private static let keys = ["keep", "keep_audit", "max_size"]
    private static let durations: ClosedRange<Duration> =
        .seconds(86_400) ... .seconds(3_650 * 86_400)

    let problems: ProblemList
    private var values: ValueReader { ValueReader(problems: problems) }
    private var quantities: QuantityReader { QuantityReader(problems: problems) }

    /// The section over its defaults.
    func read(_ entry: Section.Entry) -> Retention {
        var retention = Retention()
        let section = values.section(entry.value, "journal", prefix: "journal.", keys: Self.keys)
        guard let section else { return retention }
        let keep = duration(section["keep"], usual: retention.keep)
        let keepAudit = duration(section["keep_audit"], usual: retention.keepAudit)
        if let entry = section["max_size"] {
            retention.bytesMax =
                quantities.size(entry, in: 32 << 20...1 << 40) ?? retention.bytesMax
        }
        guard let keep, let keepAudit else { return retention }
        if keepAudit < keep {
            problems.error(
                "journal.keep_audit (\(DurationText.short(keepAudit))) must not be shorter than "
                    + "journal.keep (\(DurationText.short(keep)))",
                at: (section["keep_audit"] ?? section["keep"] ?? entry).value.mark)
        }
        (retention.keep, retention.keepAudit) = (keep, keepAudit)
        return retention
    }

    /// Nil where it was given and refused.
    private func duration(_ entry: Section.Entry?, usual: Duration) -> Duration? {
        guard let entry else { return usual }
        return quantities.duration(entry, in: Self.durations)?.value
    }
}
