import OpwatchCore
import WireFormat

/// The true life of one operation, and what the answers showed of it.
struct TrueLife: Sendable {
    let operation: TrueOperation
    /// Place of its name among the names.
    let name: Int
    private(set) var startedAt: Timestamp?
    /// When its update time changed last; its birth at first.
    private(set) var changedAt: Timestamp
    private(set) var endedAt: Timestamp?
    /// Status code; means something only where it has ended.
    private(set) var code = 0
    private(set) var goneAt: Timestamp?
    /// When somebody else asked to cancel it.
    private(set) var flaggedAt: Timestamp?

    var row = ListingRow()
    /// True time of the last page of its own partition that showed it done or flagged.
    var shownOverAt: Timestamp?
    /// Whether any answer showed times that the truth does not know: such an operation may be kept
    /// and told instead of cancelled.
    private(set) var wasShownOddly = false
    private(set) var wasShownStarted = false
    private var tellsCreation: Bool?
    private(set) var wasShownRunning = false
    /// Whether the cancel flag was ever shown.
    private(set) var wasShownFlagged = false
    /// The durable intents about it, in order.
    var intents: [IntentID] = []
    /// True times of the POSTs that were meant for it.
    var postedAt: [Timestamp] = []
    /// `refused` or `defied`, durable: no cancel follows.
    var settled: Verdict?
    /// Whether its end is durable.
    var isClosed = false

    init(_ operation: TrueOperation, name: Int, at trueTime: Timestamp) {
        self.operation = operation
        self.name = name
        changedAt = trueTime
    }

    /// Neither running nor found.
    var isOver: Bool { endedAt != nil || goneAt != nil }
    /// When it ended or was gone, whichever was first.
    var overAt: Timestamp? {
        guard let endedAt, let goneAt else { return endedAt ?? goneAt }
        return min(endedAt, goneAt)
    }

    mutating func start(at trueTime: Timestamp) {
        startedAt = trueTime
        changedAt = max(changedAt, trueTime)
    }

    mutating func progress(at trueTime: Timestamp) { changedAt = trueTime }

    mutating func end(code: Int, at trueTime: Timestamp) {
        endedAt = trueTime
        self.code = code
    }

    mutating func vanish(at trueTime: Timestamp) { goneAt = trueTime }

    mutating func flag(at trueTime: Timestamp) { flaggedAt = flaggedAt ?? trueTime }

    /// An answer showed it so. What that means for confirmations and for the `stalled` clock only
    /// pages of its own partition say: see `ListingRow`.
    mutating func show(_ image: Shown) {
        if image.isCancelRequested { wasShownFlagged = true }
        if !image.isDone { wasShownRunning = true }
        let isTold = image.created != nil
        let isTrueCreation =
            image.created.map { $0.isSameInstant(as: operation.created) } ?? true
        let start = image.started.flatMap { $0.meansNone ? nil : $0 }
        // A page may be older than the start; a start that is told no longer is odd.
        let isTrueStart =
            start.map { startedAt?.isSameInstant(as: $0) ?? false } ?? !wasShownStarted
        if start != nil { wasShownStarted = true }
        let isOdd =
            !isTrueCreation || isTold != (tellsCreation ?? isTold) || !isTrueStart
            || (image.isDone && !isOver)
        tellsCreation = isTold
        if isOdd { wasShownOddly = true }
    }
}
