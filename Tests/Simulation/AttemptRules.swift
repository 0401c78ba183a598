import OpwatchCore
import WireFormat

/// Whether what became of the operation's earlier attempts allows the cancel.
enum AttemptRules {
    static let all: [PostingRule] = [settled, spent, open]

    /// Unanswered ones: "at most ten, then `defied`".
    private static let unansweredMax = 10

    /// "`refused` and `defied` survive reload and restart, end only by `release`"; no verdict is
    /// followed by a cancel.
    private static func settled(_ posting: Posting) -> Finding? {
        // Shown with another creation time it passes for another one, of which nothing is known.
        guard let verdict = posting.life.settled,
            posting.tracked?.settled != nil || !posting.life.wasShownOddly
        else { return nil }
        return Finding(.settled, "\(posting.subject) although it is \(verdict.rawValue)")
    }

    /// "Running for `within`: the next attempt, or `defied` after `attempts`"; "`refused` after
    /// `attempts` refusals"; "any other refusal and running: `refused`".
    private static func spent(_ posting: Posting) -> Finding? {
        let outcomes = earlier(posting).map(\.outcome)
        let allowed = max(posting.policy.verifyAttempts, posting.intent.attempts)
        func count(_ meaning: AnswerMeaning) -> Int { outcomes.count { $0 == meaning } }
        let story: String
        if count(.accepted) >= allowed {
            story = "after \(count(.accepted)) accepted attempts"
        } else if count(.refusedForNow) >= allowed {
            story = "after \(count(.refusedForNow)) refusals"
        } else if count(.unanswered) >= unansweredMax {
            story = "after \(count(.unanswered)) without an answer"
        } else if count(.refused) > 0, !posting.life.wasShownFlagged {
            // With the flag shown it is as if accepted.
            story = "after a refusal that does not pass"
        } else {
            return nil
        }
        return Finding(.attemptsSpent, "\(posting.subject) \(story)")
    }

    /// "No attempt of it is open": none is under way, and the pause behind the last has passed.
    private static func open(_ posting: Posting) -> Finding? {
        let earlier = earlier(posting)
        guard let last = earlier.last else { return nil }
        if last.intent.answer == nil, !last.intent.isOrphan {
            return Finding(.attemptOpen, "\(posting.subject) while its last attempt is under way")
        }
        let pause = pause(behind: earlier, posting)
        let since = last.intent.postedAt ?? last.intent.durableAt
        let waited = posting.world.now.duration(since: since)
        guard waited < pause - posting.tolerance else { return nil }
        return Finding(.attemptOpen, "\(posting.subject) \(waited) after its last, due \(pause)")
    }

    /// "The next attempt starts only when the window of the last has ended"; refused: "again after
    /// `within`, 2 × `within`, …"; unanswered: "after `within`, doubling up to an hour"; denied:
    /// "one trial an hour". A restart loses the doubling.
    private static func pause(behind earlier: [Earlier], _ posting: Posting) -> Duration {
        guard let last = earlier.last else { return .zero }
        let inARow = earlier.reversed().prefix { $0.outcome == last.outcome }.count
        let within = min(last.intent.within, posting.policy.verifyWithin)
        let isPlain =
            last.intent.daemon != posting.world.daemon || posting.life.wasShownFlagged
        let doubled = within * (isPlain ? 1 : 1 << min(inARow - 1, 16))
        return switch last.outcome {
        case .accepted, .refused: within
        case .refusedForNow: doubled
        case .unanswered: min(doubled, max(within, .seconds(3_600)))
        // A start reckons the rest of the hour by the wall clock, which may be wrong then.
        case .denied: last.intent.daemon == posting.world.daemon ? .seconds(3_600) : .zero
        case .notSent: .zero
        }
    }

    /// An attempt that left, or may have.
    private struct Earlier {
        let intent: IntentLife
        /// What its answer means by what came before it.
        let outcome: AnswerMeaning
    }

    /// In order, without this one.
    ///
    /// "A refusal after an attempt that was accepted or may have arrived: treated as asked."
    private static func earlier(_ posting: Posting) -> [Earlier] {
        var mayHaveArrived = false
        return posting.life.intents.compactMap { id in
            guard id != posting.intent.record.id, let other = posting.world.intents[id],
                // What led to a verdict is over; the operation may have come back as it was.
                !other.isWithdrawn, other.verdict == nil,
                other.postedAt != nil || other.isOrphan
            else { return nil }
            defer { mayHaveArrived = mayHaveArrived || other.mayHaveArrived }
            switch other.outcome {
            case .notSent: return nil
            case .refused where mayHaveArrived, .refusedForNow where mayHaveArrived:
                return Earlier(intent: other, outcome: .accepted)
            case .accepted, .refused, .refusedForNow, .denied, .unanswered:
                return Earlier(intent: other, outcome: other.outcome)
            }
        }
    }
}
