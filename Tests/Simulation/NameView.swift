import OpwatchCore
import WireFormat

/// One name at one endpoint: the operations that have it, one after the other, and what was asked,
/// recorded and told by that name.
struct NameView: Sendable {
    /// A GET that was answered.
    struct Answer: Sendable {
        let sentAt: Timestamp
        let at: Timestamp
        /// nil: not found.
        let shown: Shown?
        /// The `Date` of the answer, where the trace tells it.
        let date: DateTold
    }

    /// Whether the trace told the `Date` of a GET.
    enum DateTold: Sendable, Equatable {
        case untold
        case agreed(Timestamp)
        /// Missing, or off from the local clock.
        case disagreed
    }

    /// 404 in a row.
    struct NotFound: Sendable {
        var count = 0
        var firstAt: Timestamp
        var lastAt: Timestamp
    }

    let identity: OperationIdentity
    /// Places of the operations of that name, the oldest first.
    var lives: [Int] = []
    /// Which of them a page showed last.
    var lastShown: Int?
    var tracked: TrackedLife?
    /// Of the GETs that were sent since the latest intent was durable.
    private(set) var answers: [Answer] = []
    private(set) var lastAnswer: Answer?
    /// True time of the last GET that showed it running.
    private(set) var shownRunningAt: Timestamp?
    private(set) var notFound: NotFound?
    /// The intent whose POST left last.
    var lastPosted: IntentID?
    /// The latest durable verdict.
    var lastVerdict: Verdict?
    /// All that are durable.
    var verdicts: Set<Verdict> = []
    /// When something was told of it last, but for a cancel that was asked.
    var toldAt: Timestamp?
    private var intentAt: Timestamp?

    init(_ identity: OperationIdentity) { self.identity = identity }

    mutating func answer(_ answer: Answer) {
        lastAnswer = answer
        if let shown = answer.shown {
            notFound = nil
            if !shown.isDone { shownRunningAt = answer.at }
        } else {
            addNotFound(at: answer.at)
        }
        guard let intentAt, answer.sentAt >= intentAt else { return }
        if answers.count == 8 { answers.removeFirst() }
        answers.append(answer)
    }

    mutating func addNotFound(at trueTime: Timestamp) {
        var streak = notFound ?? NotFound(firstAt: trueTime, lastAt: trueTime)
        streak.count += 1
        streak.lastAt = trueTime
        notFound = streak
    }

    /// A new intent: only a GET behind it can carry its cancel.
    mutating func intend(at trueTime: Timestamp) {
        intentAt = trueTime
        answers.removeAll(keepingCapacity: true)
    }

    mutating func forgetVolatile() {
        intentAt = nil
        answers.removeAll(keepingCapacity: true)
    }
}
