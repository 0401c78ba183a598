import OpwatchCore
import WireFormat

/// One parent of one service, as the pages that were handed to the daemon let it be known.
///
/// "A poll reads all pages of one parent's list; it is complete when every page came and the
/// service named nothing unreachable. An answer counts only for the walk that asked for it."
struct PartitionView: Sendable {
    /// One row of a page of the walk under way.
    struct Entry: Sendable {
        let life: Int
        let image: Shown
        /// Server time of its page, or local time where the clocks disagreed.
        let now: Timestamp
        let known: Known
    }

    /// What was known by the name of a row when its page was read.
    enum Known: Sendable {
        case nothing
        case same
        /// One of an earlier creation time: nothing that the row tells is of that one.
        case other
    }

    let service: String
    private(set) var endpoint: String
    let parent: String
    var interval: Duration
    /// Whether the policy in force has it.
    var isWatched = true

    private var walk: UInt32?
    /// The walk that began last, and the one before: that one's late answers do not count.
    private var latest: UInt32?
    private var superseded: UInt32?
    private var isWhole = false
    /// Since the last complete poll one named unreachable places: nobody watched meanwhile.
    private(set) var wasPartial = false
    private var firstPageAt: Timestamp?
    private(set) var entries: [Entry] = []

    /// Complete polls so far.
    private(set) var ordinal = 0
    private(set) var gap = 0
    private(set) var completedAt: Timestamp?
    /// From the first page of that poll to its last one.
    private(set) var walkTime = Duration.zero
    /// Complete polls since a start, a gap or a jump of the clock; the first of these only warns.
    private(set) var sinceTrouble: Int

    /// The last jump, and `sinceTrouble` before it.
    private var jump: (at: Timestamp, sinceTrouble: Int)?

    /// - Parameter isFresh: known only since a reload, not since a start. The specification asks
    ///   for a warn-only poll after starts, gaps and jumps, so that none is asked of it here.
    init(service: SimulatedServicePolicy, parent: String, isFresh: Bool) {
        self.service = service.name
        endpoint = service.endpoint
        self.parent = parent
        interval = service.interval
        sinceTrouble = isFresh ? 1 : 0
    }

    /// "The first complete poll after a start, a gap or a jump of the local clock only warns."
    func isWarnOnly(forIntentAt time: Timestamp) -> Bool {
        if let jump, jump.at >= time { return jump.sinceTrouble < 2 }
        return sinceTrouble < 2
    }

    /// Whether the page belongs to the walk under way; a first page begins one.
    mutating func begin(_ page: ShownPage, at trueTime: Timestamp) -> Bool {
        if page.isFirst, page.walk != superseded {
            if page.walk != latest { superseded = latest }
            latest = page.walk
            walk = page.walk
            isWhole = true
            firstPageAt = trueTime
            entries.removeAll(keepingCapacity: true)
        }
        guard walk == page.walk else { return false }
        if !page.unreachable.isEmpty { isWhole = false }
        return true
    }

    mutating func add(_ entry: Entry) { entries.append(entry) }

    /// A failed walk goes on only from a new first page.
    mutating func fail(_ failed: UInt32) {
        if walk == failed { walk = nil }
    }

    /// The last page came: the stamp of the poll if it is complete.
    mutating func complete(place: Int, policy: Int, at trueTime: Timestamp) -> PollStamp? {
        defer { walk = nil }
        wasPartial = !isWhole
        guard isWhole else { return nil }
        if let completedAt, let firstPageAt, isGap(from: completedAt, to: firstPageAt) {
            gap += 1
            sinceTrouble = 0
        }
        ordinal += 1
        sinceTrouble += 1
        completedAt = trueTime
        walkTime = firstPageAt.map { trueTime.duration(since: $0) } ?? .zero
        return PollStamp(partition: place, ordinal: ordinal, gap: gap, policy: policy)
    }

    /// "A gap of more than three intervals." From which moment to which is left open: here from the
    /// last page of one poll to the first of the next, less the time of one request.
    private func isGap(from end: Timestamp, to start: Timestamp) -> Bool {
        start.duration(since: end) - Limits.requestTimeout > interval * 3
    }

    mutating func startAnew() {
        walk = nil
        latest = nil
        superseded = nil
        gap += 1
        sinceTrouble = 0
        jump = nil
        completedAt = nil
    }

    /// A policy has it again: "a parent that a reload added never inherits another's".
    mutating func watchAnew(like fresh: Self) {
        startAnew()
        endpoint = fresh.endpoint
        interval = fresh.interval
        sinceTrouble = fresh.sinceTrouble
        isWatched = true
    }

    mutating func clockJumped(at trueTime: Timestamp) {
        jump = (trueTime, sinceTrouble)
        sinceTrouble = 0
    }
}
