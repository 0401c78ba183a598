/// One service's requests: what waits, in which order, and how fast they may go out.
///
/// A token bucket of `requests_per_minute`; a tenth of a minute's tokens may go at once. A cancel
/// takes the tokens of its GET and its POST together, so that a permit never waits for one.
struct RequestLane<Request> {
    /// The order in which waiting requests go.
    enum Priority: Int, CaseIterable {
        case gatePair
        case verify
        case list
        case closing

        var tokens: Double { self == .gatePair ? 2 : 1 }
    }

    static var inFlightMax: Int { 4 }

    private var waiting: [[Request]] = Priority.allCases.map { _ in [] }
    private var tokens: Double
    private let burst: Double
    private let perSecond: Double
    private var filledAt: ContinuousClock.Instant
    private var closedUntil: ContinuousClock.Instant?
    private(set) var inFlight = 0

    init(requestsPerMinute: Int, at now: ContinuousClock.Instant) {
        perSecond = Double(requestsPerMinute) / 60
        burst = max(2, Double(requestsPerMinute) / 10)
        tokens = burst
        filledAt = now
    }

    var waitingCount: Int { waiting.reduce(0) { $0 + $1.count } }

    mutating func add(_ request: Request, _ priority: Priority) {
        waiting[priority.rawValue].append(request)
    }

    mutating func removeAll(where isUnwanted: (Request) -> Bool) {
        for index in waiting.indices { waiting[index].removeAll(where: isUnwanted) }
    }

    /// The service asked to be left alone.
    mutating func close(until instant: ContinuousClock.Instant) {
        closedUntil = max(instant, closedUntil ?? instant)
    }

    /// The next request that may go out now.
    mutating func next(at now: ContinuousClock.Instant) -> Request? {
        guard inFlight < Self.inFlightMax, let priority = firstWaiting, isOpen(at: now) else {
            return nil
        }
        fill(at: now)
        guard tokens >= priority.tokens else { return nil }
        tokens -= priority.tokens
        inFlight += 1
        return waiting[priority.rawValue].removeFirst()
    }

    mutating func ended() {
        inFlight -= 1
    }

    /// When `next` may have something that it has not now; nil where only an answer can change it.
    func wake(at now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        guard inFlight < Self.inFlightMax, let priority = firstWaiting else { return nil }
        if let closedUntil, closedUntil > now { return closedUntil }
        let missing = priority.tokens - available(at: now)
        return missing <= 0 ? now : now.advanced(by: .seconds(missing / perSecond))
    }

    private var firstWaiting: Priority? {
        Priority.allCases.first { !waiting[$0.rawValue].isEmpty }
    }

    private func isOpen(at now: ContinuousClock.Instant) -> Bool {
        closedUntil.map { $0 <= now } ?? true
    }

    private func available(at now: ContinuousClock.Instant) -> Double {
        min(burst, tokens + filledAt.duration(to: now) / .seconds(1) * perSecond)
    }

    private mutating func fill(at now: ContinuousClock.Instant) {
        tokens = available(at: now)
        filledAt = now
    }
}
