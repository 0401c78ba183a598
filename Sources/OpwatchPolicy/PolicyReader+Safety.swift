import OpwatchCore
import WireFormat

extension PolicyReader {
    /// The `safety:` section over its defaults.
    mutating func readSafety(_ entry: Section.Entry) -> Safety {
        var safety = Safety()
        let keys = [
            "confirmations", "cancels_per_poll", "cancels_per_hour", "max_overdue_share",
            "max_failed_cancels", "canary",
        ]
        guard let section = section(entry.value, "safety", prefix: "safety.", keys: keys) else {
            return safety
        }
        if let entry = section["confirmations"] {
            safety.confirmations = integer(entry, in: 1...1_000) ?? safety.confirmations
        }
        if let entry = section["cancels_per_poll"] {
            safety.cancelsPerPoll = integer(entry, in: 1...1_000) ?? safety.cancelsPerPoll
        }
        if let entry = section["cancels_per_hour"] {
            safety.cancelsPerHour = integer(entry, in: 1...1_000) ?? safety.cancelsPerHour
        }
        if let entry = section["max_overdue_share"] {
            safety.maxOverdueSharePercent =
                percent(entry, in: 1...100) ?? safety.maxOverdueSharePercent
        }
        if let entry = section["max_failed_cancels"] {
            safety.maxFailedCancels = integer(entry, in: 0...1_000) ?? safety.maxFailedCancels
        }
        if let entry = section["canary"] {
            safety.canary = boolean(entry) ?? safety.canary
        }
        return safety
    }

    /// The `verify:` section over its defaults.
    mutating func readVerify(_ entry: Section.Entry) -> VerifySettings {
        var verify = VerifySettings()
        let keys = ["within", "attempts"]
        guard let section = section(entry.value, "verify", prefix: "verify.", keys: keys) else {
            return verify
        }
        if let entry = section["within"] {
            verify.within =
                duration(entry, in: .seconds(10) ... .seconds(7 * 86_400))?.value ?? verify.within
        }
        if let entry = section["attempts"] {
            verify.attempts = integer(entry, in: 1...10) ?? verify.attempts
        }
        return verify
    }

    /// The `journal:` section over its defaults.
    mutating func readRetention(_ entry: Section.Entry) -> Retention {
        var retention = Retention()
        let keys = ["keep", "keep_audit", "max_size"]
        guard let section = section(entry.value, "journal", prefix: "journal.", keys: keys) else {
            return retention
        }
        let bounds = Duration.seconds(86_400) ... .seconds(3_650 * 86_400)
        let keep = section["keep"].map { duration($0, in: bounds)?.value } ?? retention.keep
        let keepAudit =
            section["keep_audit"].map { duration($0, in: bounds)?.value } ?? retention.keepAudit
        if let entry = section["max_size"] {
            retention.bytesMax = size(entry, in: 32 << 20...1 << 40) ?? retention.bytesMax
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
}
