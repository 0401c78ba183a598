/// One service's requests: what waits, in which order, and how fast they may go out.
///
/// A token bucket of `requests_per_minute`; a tenth of a minute's tokens may go at once. A cancel
/// takes the tokens of its GET and its POST together, so that a permit never waits for one. Nothing
/// that waits is passed for ever: lists get at least a quarter of the tokens, however much there is
/// to prove, and what comes after them gets its turn, however many lists there are.
struct RequestLane<Request> {
    private var queues = LanePriority.allCases.map { _ in Queue() }
    private var tokens: Double
    private var burst: Double
    private var perSecond: Double
    private var filledAt: ContinuousClock.Instant
    private var closedUntil: ContinuousClock.Instant?
    /// By priority: tokens that others have had while something of it could have gone.
    private var passed = LanePriority.allCases.map { _ in 0.0 }

    /// What waits and what is under way of one priority.
    private struct Queue {
        private var requests: [Request] = []
        private var head = 0
        /// Of those under way, the ones that hold a place, and the ones that took too long to.
        var inFlight = 0
        var slow = 0

        var count: Int { requests.count - head }

        mutating func append(_ request: Request) { requests.append(request) }

        mutating func removeFirst() -> Request {
            let first = requests[head]
            head += 1
            // Moves each request once on the average, however long the queue is.
            if head * 2 >= requests.count {
                requests.removeFirst(head)
                head = 0
            }
            return first
        }

        mutating func removeAll() {
            requests = []
            head = 0
        }
    }

    init(requestsPerMinute: Int, at now: ContinuousClock.Instant) {
        perSecond = Double(requestsPerMinute) / 60
        burst = Self.burst(requestsPerMinute)
        tokens = burst
        filledAt = now
    }

    private static func burst(_ requestsPerMinute: Int) -> Double {
        max(LanePriority.gatePair.tokens, Double(requestsPerMinute) / 10)
    }

    mutating func add(_ request: Request, _ priority: LanePriority) {
        queues[priority.rawValue].append(request)
    }

    /// Lets everything go that has not left.
    mutating func clear() {
        for index in queues.indices { queues[index].removeAll() }
    }

    /// Lets what waits at one priority go.
    mutating func clear(_ priority: LanePriority) {
        queues[priority.rawValue].removeAll()
    }

    /// Goes on at another rate; what is under way or was asked to wait stays so.
    mutating func setRate(requestsPerMinute: Int, at now: ContinuousClock.Instant) {
        fill(at: now)
        perSecond = Double(requestsPerMinute) / 60
        burst = Self.burst(requestsPerMinute)
        tokens = min(tokens, burst)
    }

    /// The service asked to be left alone.
    mutating func close(until instant: ContinuousClock.Instant) {
        closedUntil = max(instant, closedUntil ?? instant)
    }

    /// An operator may know better.
    mutating func open() {
        closedUntil = nil
    }

    func isClosed(at now: ContinuousClock.Instant) -> Bool { opening(after: now) > now }

    /// When a request may leave at the earliest.
    func opening(after now: ContinuousClock.Instant) -> ContinuousClock.Instant {
        max(closedUntil ?? now, now)
    }

    /// The next request that may go out now.
    mutating func next(at now: ContinuousClock.Instant) -> Request? {
        guard let priority = firstReady, !isClosed(at: now) else { return nil }
        fill(at: now)
        guard tokens >= priority.tokens else { return nil }
        tokens -= priority.tokens
        for other in LanePriority.allCases {
            let isPassed = other != priority && isReady(other)
            passed[other.rawValue] = isPassed ? passed[other.rawValue] + priority.tokens : 0
        }
        queues[priority.rawValue].inFlight += 1
        return queues[priority.rawValue].removeFirst()
    }

    /// A request was repeated by whoever sent it: what comes next waits for the token that it took.
    mutating func charge(at now: ContinuousClock.Instant) {
        fill(at: now)
        tokens -= 1
    }

    /// A request has ended.
    /// - Parameter wasSlow: whether it had given its place away before.
    mutating func ended(_ priority: LanePriority, wasSlow: Bool = false) {
        if wasSlow {
            queues[priority.rawValue].slow -= 1
        } else {
            queues[priority.rawValue].inFlight -= 1
        }
    }

    /// A request takes long: its place is free for the next one.
    mutating func slowed(_ priority: LanePriority) {
        queues[priority.rawValue].inFlight -= 1
        queues[priority.rawValue].slow += 1
    }

    /// When `next` may have something that it has not now; nil where only an answer can change it.
    func wake(at now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        guard let priority = firstReady else { return nil }
        if let closedUntil, closedUntil > now { return closedUntil }
        let missing = priority.tokens - available(at: now)
        // A wait that rounds to nothing would have the loop turn on the spot.
        let wait = Duration.seconds(max(0, missing) / perSecond)
        return now.advanced(by: max(wait, .milliseconds(1)))
    }

    /// The first priority with something waiting and a place free, unless another was passed often
    /// enough.
    private var firstReady: LanePriority? {
        let ready = LanePriority.allCases.filter { isReady($0) }
        guard let first = ready.first else { return nil }
        return ready.first { passed[$0.rawValue] + first.tokens > $0.patience } ?? first
    }

    private func isReady(_ priority: LanePriority) -> Bool {
        let queue = queues[priority.rawValue]
        return queue.count > 0 && queue.inFlight < priority.inFlightMax
            && queue.inFlight + queue.slow < priority.underWayMax
    }

    private func available(at now: ContinuousClock.Instant) -> Double {
        min(burst, tokens + filledAt.duration(to: now) / .seconds(1) * perSecond)
    }

    private mutating func fill(at now: ContinuousClock.Instant) {
        tokens = available(at: now)
        filledAt = now
    }
}

/// The order in which waiting requests go.
enum LanePriority: Int, CaseIterable {
    case gatePair
    case verify
    case list
    /// Lists of parents whose last poll failed: the others do not wait for them.
    case retriedList
    case closing

    var tokens: Double { self == .gatePair ? 2 : 1 }

    /// So many tokens at most go to others before it has its turn.
    var patience: Double {
        switch self {
        case .gatePair, .verify: 8
        case .list: 3
        case .retriedList: 8
        case .closing: 16
        }
    }

    /// Those that gave their place away included. A cancel's GET keeps its place: one at a time.
    var underWayMax: Int { self == .gatePair ? 1 : inFlightMax * 4 }

    /// Each kind has places of its own, so that requests that hang hold up no other kind.
    var inFlightMax: Int {
        switch self {
        case .gatePair: 1
        case .verify: 3
        case .list: 10
        case .retriedList: 4
        case .closing: 2
        }
    }
}
