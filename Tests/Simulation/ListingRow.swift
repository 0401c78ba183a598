import OpwatchCore
import WireFormat

/// What complete polls in a row have shown of one operation: the confirmations of each clock, and
/// the time that the `stalled` clock has counted.
///
/// "A complete poll that finds an operation overdue counts one confirmation; a gap of more than
/// three intervals, another deadline, another rule or a new policy begin the row anew."
struct ListingRow: Sendable {
    /// One clock of the rule.
    struct Count: Sendable {
        var confirmations = 0
        /// From what the clock counts; another one is another deadline.
        var since: Timestamp?
    }

    /// Place of the partition whose polls count; nil before the first page.
    var partition: Int?
    /// The complete poll that listed it last.
    private(set) var poll: PollStamp?
    /// Whether that poll showed it more than once.
    private(set) var isListedTwice = false
    /// Place of the rule that decided by what that poll showed.
    private(set) var rule: Int?
    private(set) var total = Count()
    private(set) var running = Count()
    private(set) var stalled = Count()
    /// The creation time that was shown last.
    private(set) var created: Timestamp?
    /// Earliest `Date` of a page that showed it, where the clocks agreed.
    private(set) var firstDate: Timestamp?
    private var wasStarted = false
    /// What was known by its name when that poll showed it.
    private var known = PartitionView.Known.nothing

    // The `stalled` clock.
    private var metadata: Metadata?
    private(set) var observed = Duration.zero
    private var lastDate: Timestamp?
    private var lastTrueTime: Timestamp?
    /// What was observed when the durable `stalling` record was written.
    private var journalled: Duration?

    /// What resets the `stalled` clock when it changes.
    private struct Metadata: Equatable {
        let updated: Timestamp?
        let started: Timestamp?
        let team: String?
    }

    /// The confirmations of the clock, by the last complete poll that listed the operation.
    func count(of clock: Clock) -> Count {
        switch clock {
        case .total: total
        case .running: running
        case .stalled: stalled
        case .queued: Count()
        }
    }

    /// The update time that was shown last.
    var updated: Timestamp? { metadata?.updated }

    /// A page showed it, of a complete poll or not: "any other metadata change resets" the
    /// `stalled` clock. `date` is nil where the clocks disagreed.
    mutating func show(_ image: Shown, date: Timestamp?, trueTime: Timestamp) {
        if firstDate == nil { firstDate = date }
        // What a list leaves out is no change for sure, and may be shown again.
        let shown = Metadata(
            updated: image.updated ?? metadata?.updated,
            started: image.started ?? metadata?.started, team: image.team ?? metadata?.team)
        guard shown != metadata else { return }
        metadata = shown
        observed = .zero
        journalled = nil
        lastDate = date
        lastTrueTime = trueTime
    }

    /// A complete poll listed it so.
    /// - Parameter isUnbroken: whether no partial poll came since the last complete one: those stop
    ///   the `stalled` clock.
    mutating func confirm(
        _ entry: PartitionView.Entry, trueTime: Timestamp, stamp: PollStamp,
        policy: SimulatedPolicy, isUnbroken: Bool
    ) {
        let (image, now) = (entry.image, entry.now)
        // A row before it was watched is none of its own.
        isListedTwice =
            poll == stamp && known != .other && (known, entry.known) != (.nothing, .nothing)
        guard !isListedTwice else { return }
        known = entry.known
        // What was told of it before is not remembered.
        if known == .nothing { wasStarted = false }
        let isNext = poll.map { stamp.follows($0) } ?? false
        let decided = policy.decidingRule(forTeam: image.team)
        let goesOn = isNext && decided == rule
        if isUnbroken, let poll, poll.gap == stamp.gap, let lastDate, let lastTrueTime {
            observed += max(
                now.duration(since: lastDate), trueTime.duration(since: lastTrueTime), .zero)
        }
        lastDate = now
        lastTrueTime = trueTime
        poll = stamp
        rule = decided
        let isUsable = known != .other && isUsable(image, at: now)
        let isStarted = image.started.map { !$0.meansNone } ?? false
        wasStarted = wasStarted || isStarted && known != .other
        created = image.created
        guard let decided, isUsable else {
            total = Count()
            running = Count()
            stalled = Count()
            return
        }
        let timeouts = policy.rules[decided]
        let since = image.created ?? firstDate?.advanced(by: .seconds(1)) ?? now
        total.find(since, isOver: now, timeouts.total, goesOn: goesOn)
        let start = image.started.flatMap { $0.meansNone ? nil : $0 }
        running.find(start, isOver: now, timeouts.running, goesOn: goesOn)
        let isStalled = timeouts.stalled.map { observed > $0 } ?? false
        let unchanged = image.updated
        stalled.count(isStalled ? unchanged : nil, goesOn: goesOn)
    }

    /// "Kept, told once": times that give no clock, and an end.
    private func isUsable(_ image: Shown, at now: Timestamp) -> Bool {
        if image.isDone { return false }
        let farAhead = now.advanced(by: Limits.clockDifferenceMax)
        if let created = image.created, created.isBefore2008 || created > farAhead { return false }
        for time in [image.started, image.updated] {
            guard let time, !time.meansNone else { continue }
            if time.isBefore2008 || time > farAhead { return false }
        }
        let isStarted = image.started.map { !$0.meansNone } ?? false
        return isStarted || !wasStarted
    }

    /// `stalling` is durable: "a restart that finds the field unchanged goes on from there".
    mutating func keepObserved() { journalled = observed }

    /// The daemon started: "a restart loses confirmations".
    mutating func forgetVolatile() {
        poll = nil
        rule = nil
        total = Count()
        running = Count()
        stalled = Count()
        wasStarted = false
        lastDate = nil
        lastTrueTime = nil
        if let journalled {
            observed = journalled
        } else {
            observed = .zero
            metadata = nil
        }
    }
}

extension ListingRow.Count {
    /// "An operation is overdue strictly after the deadline."
    fileprivate mutating func find(
        _ start: Timestamp?, isOver now: Timestamp, _ timeout: Duration?, goesOn: Bool
    ) {
        guard let start, let timeout, now.duration(since: start) > timeout else {
            self = Self()
            return
        }
        count(start, goesOn: goesOn)
    }

    /// nil: not overdue.
    fileprivate mutating func count(_ start: Timestamp?, goesOn: Bool) {
        guard let start else {
            self = Self()
            return
        }
        let isSame = since.map { $0.isSameInstant(as: start) } ?? false
        confirmations = goesOn && isSame ? confirmations + 1 : 1
        since = start
    }
}
