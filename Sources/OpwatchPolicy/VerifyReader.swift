import OpwatchCore

/// Reads `verify:`.
struct VerifyReader {
    private static let keys = ["within", "attempts"]

    let problems: ProblemList
    private var values: ValueReader { ValueReader(problems: problems) }
    private var quantities: QuantityReader { QuantityReader(problems: problems) }

    /// The section over its defaults.
    func read(_ entry: Section.Entry) -> VerifySettings {
        var verify = VerifySettings()
        let section = values.section(entry.value, "verify", prefix: "verify.", keys: Self.keys)
        guard let section else { return verify }
        if let entry = section["within"] {
            let within = quantities.duration(entry, in: .seconds(10) ... .seconds(7 * 86_400))
            verify.within = within?.value ?? verify.within
        }
        if let entry = section["attempts"] {
            verify.attempts = quantities.integer(entry, in: 1...10) ?? verify.attempts
        }
        return verify
    }
}
