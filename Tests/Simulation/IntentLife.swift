import OpwatchCore
import WireFormat

/// What became of one durable intent, as far as the daemon can know and as it is true.
struct IntentLife: Sendable {
    let record: JournalRecord.Intent
    /// Place of the operation that it is about; nil where no such operation was ever born.
    let life: Int?
    /// Which daemon wrote it, counted from 1.
    let daemon: Int
    let durableAt: Timestamp
    /// The complete poll that came last before it.
    let poll: PollStamp?
    /// `verify:` of the policy in force when it was written.
    let within: Duration
    let attempts: Int

    /// When the gate let it go, behind all its conditions.
    private(set) var permittedAt: Timestamp?
    private(set) var postedAt: Timestamp?
    private(set) var answer: PostAnswer?
    private(set) var answeredAt: Timestamp?
    /// An `asked` record is durable.
    var isAskedDurable = false
    /// Such a one with an HTTP status.
    var isAnswerDurable = false
    private(set) var isWithdrawn = false
    private(set) var verdict: Verdict?
    /// The daemon that wrote it ended before it was known what became of it: from then on it must
    /// take it for one that may have arrived.
    private(set) var isOrphan = false

    /// Its operation's end is recorded without a verdict: nothing of ours was open then.
    private(set) var isEnded = false

    /// Told as unproven: nobody else waits for it.
    var isToldUnproven = false

    /// Neither withdrawn nor proven.
    var isOpen: Bool { !isWithdrawn && !isEnded && verdict == nil }

    /// What the answer means for the operation.
    var outcome: AnswerMeaning {
        guard let answer else { return permittedAt == nil && !isOrphan ? .notSent : .unanswered }
        return AnswerMeaning(answer)
    }

    /// Whether an end with code 1 may be its doing, for all that the daemon can know.
    var mayHaveArrived: Bool {
        if isWithdrawn || answer == .wordless { return false }
        return switch outcome {
        case .accepted, .unanswered: true
        case .notSent, .refusedForNow, .refused, .denied: false
        }
    }

    mutating func permit(at trueTime: Timestamp) { permittedAt = trueTime }

    mutating func post(at trueTime: Timestamp) { postedAt = postedAt ?? trueTime }

    mutating func answer(_ answer: PostAnswer, at trueTime: Timestamp) {
        self.answer = answer
        answeredAt = trueTime
    }

    mutating func withdraw() { isWithdrawn = true }

    mutating func end() { isEnded = true }

    mutating func prove(_ verdict: Verdict) { self.verdict = verdict }

    /// "What was not durable is lost": an answer without its record is as none.
    mutating func outliveDaemon() {
        guard isOpen, !isAnswerDurable else { return }
        isOrphan = true
        if answer != nil {
            answer = .lost
            answeredAt = nil
        }
    }
}
