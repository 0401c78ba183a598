import OpwatchCore
import OpwatchEngine
import OpwatchPolicy
import OpwatchReports
import WireFormat

/// How things are, in one line, worst news first:
/// `14 live, 2 warned, 1 verifying; enforce; last poll 12:04:05`.
struct StatusText {
    let standing: Standing
    let policyPath: String
    /// Why the policy file on disk is refused, and what is in force instead.
    let refusal: (errors: PolicyErrors, inForce: PolicyHash)?
    /// Why and since when the journal is down.
    let journalTrouble: (reason: String, since: Timestamp)?

    var text: String {
        var parts: [String] = []
        if let refusal {
            let first = refusal.errors.problems.first { $0.severity == .error }
            parts.append(
                "Policy refused (a restart would fail): \(first?.description ?? ""); "
                    + "still under \(refusal.inForce)")
        }
        if let trouble = journalTrouble {
            parts.append(
                "Degraded: journal down since \(trouble.since.clockTime) (\(trouble.reason)), "
                    + "no cancels")
        }
        if standing.isJournalDamaged { parts.append("Degraded: journal damaged, observing only") }
        if let limit = standing.spentBudget {
            parts.append("no cancels: the hour's \(limit) are used up")
        }
        parts += standing.services.flatMap(\.troubles)
        if standing.services.isEmpty {
            parts.append("nothing to watch: edit \(policyPath), then reload")
        } else {
            parts.append(counts)
            parts.append(standing.mode.rawValue)
            parts.append(
                standing.lastPoll.map { "last poll \($0.clockTime)" } ?? "first poll under way")
        }
        return parts.joined(separator: "; ")
    }

    private var counts: String {
        let since = standing.unprovenSince.map { " (unproven since \($0.clockTime))" } ?? ""
        let lost =
            standing.unprovable == 0
            ? "" : ", \(standing.unprovable) without the policy to prove it"
        return "\(standing.live) live, \(standing.warned) warned, "
            + "\(standing.open) verifying\(since)\(lost)"
    }
}

extension ServiceStanding {
    /// What is wrong with the service, each for the status line.
    fileprivate var troubles: [String] {
        var troubles: [String] = []
        if let late {
            let since = late.since.map { " since \($0.clockTime)" } ?? ""
            let cause = late.cause.map { " (\($0))" } ?? ""
            troubles.append("Degraded: \(name) has no complete poll\(since)\(cause)")
        }
        if let openBreaker { troubles.append("Breaker of \(name) open: \(openBreaker)") }
        if let pause { troubles.append("no cancels of \(name): \(pause)") }
        if let canary, queued > 0 {
            troubles.append(
                "\(queued) cancels of \(name) wait for the verdict of \(Untrusted.text(canary))")
        }
        switch clock {
        case .missing, .differs: troubles.append("clock of \(name) disagrees, no cancels")
        case .unknown, .agrees: break
        }
        return troubles
    }
}
