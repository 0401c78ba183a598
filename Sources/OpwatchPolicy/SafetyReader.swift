import OpwatchCore

/// Reads `safety:`.
struct SafetyReader {
    private static let keys = [
        "confirmations", "cancels_per_poll", "cancels_per_hour", "max_overdue_share",
        "max_failed_cancels", "canary",
    ]

    let problems: ProblemList
    private var values: ValueReader { ValueReader(problems: problems) }
    private var quantities: QuantityReader { QuantityReader(problems: problems) }

    /// The section over its defaults.
    func read(_ entry: Section.Entry) -> Safety {
        var safety = Safety()
        let section = values.section(entry.value, "safety", prefix: "safety.", keys: Self.keys)
        guard let section else { return safety }
        if let entry = section["confirmations"] {
            safety.confirmations = quantities.integer(entry, in: 1...1_000) ?? safety.confirmations
        }
        if let entry = section["cancels_per_poll"] {
            safety.cancelsPerPoll =
                quantities.integer(entry, in: 1...1_000) ?? safety.cancelsPerPoll
        }
        if let entry = section["cancels_per_hour"] {
            safety.cancelsPerHour =
                quantities.integer(entry, in: 1...1_000) ?? safety.cancelsPerHour
        }
        if let entry = section["max_overdue_share"] {
            safety.maxOverdueSharePercent =
                quantities.percent(entry, in: 1...100) ?? safety.maxOverdueSharePercent
        }
        if let entry = section["max_failed_cancels"] {
            safety.maxFailedCancels =
                quantities.integer(entry, in: 0...1_000) ?? safety.maxFailedCancels
        }
        if let entry = section["canary"] {
            safety.canary = values.boolean(entry) ?? safety.canary
        }
        return safety
    }
}
