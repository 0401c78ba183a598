import OpwatchCore
import WireFormat

/// What stands for a whole service: its breaker, its canary, what it denied.
struct ServiceView: Sendable {
    let name: String
    /// By durable records.
    var breakerOpenedAt: Timestamp?
    var breakerCause: BreakerCause.Kind?
    /// Complete polls, clocks agreeing, since the breaker opened or the daemon started.
    private(set) var agreedPolls = 0
    /// Since when the polls show that the breaker must be open, as far as that is sure.
    private(set) var shareOverSince: Timestamp?
    /// Since the start, the policy or the closed breaker, a cancel came to a verdict that proves.
    var isProven = false
    /// Refused or defied in a row, UNIMPLEMENTED not counted.
    private(set) var failedInARow = 0
    /// So many that the breaker must be open.
    private(set) var isBreakerDue = false
    /// The last two answers that speak for the service, where they denied: operation and time.
    private(set) var denials: [(name: Int, at: Timestamp)] = []
    private(set) var denialsEver = 0
    private(set) var failuresEver = 0
    /// True time of the last page whose `Date` was missing or off, and of the last that agreed.
    private(set) var disagreedAt: Timestamp?
    private(set) var agreedAt: Timestamp?
    /// True time of the last complete poll at which too much was overdue.
    var lastAboveShareAt: Timestamp?

    init(_ name: String) { self.name = name }

    mutating func seePage(isAgreed: Bool, at trueTime: Timestamp) {
        if isAgreed { agreedAt = trueTime } else { disagreedAt = trueTime }
    }

    mutating func fail(limit: Int) {
        failuresEver += 1
        failedInARow += 1
        isBreakerDue = limit > 0 && failedInARow >= limit
    }

    mutating func succeed() {
        failedInARow = 0
        isBreakerDue = false
        isProven = true
    }

    /// A poll of one of its parents was complete.
    mutating func seePoll(isAgreed: Bool, isOver: Bool, at trueTime: Timestamp) {
        if isAgreed { agreedPolls += 1 }
        shareOverSince = isOver ? shareOverSince ?? trueTime : nil
    }

    /// - Parameter wasHeld: whether that was earlier than it is durable; polls since then count.
    mutating func open(
        _ cause: BreakerCause.Kind?, wasHeld: Bool, at trueTime: Timestamp
    ) {
        breakerOpenedAt = trueTime
        if !wasHeld { agreedPolls = 0 }
        breakerCause = cause
        failedInARow = 0
        isBreakerDue = false
    }

    mutating func close() {
        breakerOpenedAt = nil
        breakerCause = nil
        shareOverSince = nil
        failedInARow = 0
        isBreakerDue = false
        isProven = false
    }

    /// "Denied on two different operations in a row: the service's cancels are shut."
    mutating func answer(_ meaning: AnswerMeaning, name: Int, at trueTime: Timestamp) {
        guard meaning == .denied else {
            denials.removeAll()
            return
        }
        denialsEver += 1
        if denials.count == 2 { denials.removeFirst() }
        denials.append((name, trueTime))
    }

    /// Since when two different operations in a row are denied.
    var shutAt: Timestamp? {
        guard denials.count == 2, denials[0].name != denials[1].name else { return nil }
        return denials[1].at
    }

    /// A kill may have taken the memory of it along.
    mutating func forgetVolatile() {
        denials.removeAll()
        agreedPolls = 0
        shareOverSince = nil
        isProven = false
    }
}
