import WireFormat

extension OperationStanding {
    /// Why, and what a cancel would still wait for.
    package var reason: String {
        guard !isFilteredOut else { return "the service's filter does not hold for it" }
        switch decision {
        case .finished(code: 0): return "done"
        case .finished(let code): return "done with code \(code)"
        case .ignore: return "protected by \(rule ?? "")"
        case .verify: return "a cancel of ours is not proven yet"
        case .warn(let due): return warning(due)
        case .cancel(let due): return "\(overdue(due))\(blockers)"
        case .keep(let reason): return text(reason)
        }
    }

    private func text(_ reason: KeepReason) -> String {
        switch reason {
        case .noRule: "no rule matches"
        case .noClock:
            isTracked
                ? "none of the rule's clocks runs"
                : "none of the rule's clocks runs yet; without a creation time it counts from "
                    + "when the daemon first sees it"
        case .notYet(let due): early(due)
        case .noticeUntil(let end, let due): "\(overdue(due)); warned, notice until \(end)"
        case .warned(let due): "\(overdue(due)); warned already"
        case .unusable(let problem): problem
        case .cancelRequestedByOther: "somebody else asked to cancel it"
        case .ended(let verdict): "\(verdict.rawValue): ends only by itself"
        }
    }

    private func overdue(_ due: Due) -> String {
        "\(due.clock) \(DurationText.short(due.age)) > \(DurationText.short(due.timeout))"
    }

    private func early(_ due: Due) -> String {
        "\(due.clock) \(DurationText.short(due.age)) of \(DurationText.short(due.timeout))"
    }

    private func warning(_ due: Due) -> String {
        let figures = due.isOverdue ? overdue(due) : early(due)
        guard case .owed(let length) = notice else { return figures }
        return "\(figures); a cancel waits for a notice of \(DurationText.short(length))"
    }

    /// All that stands between a candidate and its cancel: first what it waits for, then what is
    /// against it.
    private var blockers: String {
        var waits: [(place: Int, words: String)] = []
        var others: [String] = []
        for refusal in refusals {
            if let wait = refusal.wait {
                if !waits.contains(where: { $0.place == wait.place }) { waits.append(wait) }
            } else {
                others.append("; \(refusal)")
            }
        }
        let words = waits.sorted { $0.place < $1.place }.map(\.words)
        return (words.isEmpty ? "" : "; waits for " + words.joined(separator: ", "))
            + others.joined()
    }
}

extension GateRefusal {
    /// What a cancel waits for, as a word in a list, and its place there; nil for what is told in
    /// words of its own.
    fileprivate var wait: (place: Int, words: String)? {
        switch self {
        case .observing: (0, "mode enforce")
        case .clocksDisagree(let clock):
            (1, "clocks that agree" + (clock.trouble.map { " (\($0))" } ?? ""))
        case .outsideParent: (2, "a parent that its name lies in")
        case .notConfirmed(_, let needed): (3, "\(needed) complete polls in a row")
        case .canaryOut: (4, "canary")
        case .pollCapReached, .hourlyBudgetSpent: (5, "caps")
        case .breakerOpen: (6, "the breaker")
        case .policyRefused, .journalDown, .journalDamaged, .notListed, .notAddressable,
            .warnOnlyPoll, .attemptOpen, .unsupported, .servicePaused, .operationPaused,
            .listedOtherwise, .freshFetchTooOld, .freshNameDiffers, .freshFilteredOut,
            .freshCreationDiffers, .decidedOtherwise, .ruleOrClockChanged:
            nil
        }
    }
}
