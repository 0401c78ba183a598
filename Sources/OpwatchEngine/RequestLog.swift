import OpwatchCore

/// The requests under way, so that answers find their service and its lane, and one that hangs is
/// noticed.
struct RequestLog {
    private var last: UInt64 = 0
    private var underWay: [RequestID: Entry] = [:]

    private struct Entry {
        let limit: ContinuousClock.Instant
        /// nil for a POST, which has the tokens of its GET and no place.
        let priority: LanePriority?
        let begunAt: ContinuousClock.Instant
        /// It took long, and its place is another's by now.
        var isSlow = false

        /// When it leaves its place; nil where it has none, or keeps it.
        var slowAt: ContinuousClock.Instant? {
            guard let priority, priority != .gatePair, !isSlow else { return nil }
            return begunAt.advanced(by: RequestLog.placeTime)
        }
    }

    /// Who takes longer than most connections need leaves its place to the next one, so that a
    /// few that hang hold up no other of their kind.
    static let placeTime = Duration.seconds(5)
    /// A request that takes this much longer than its call may is hung.
    private static let patience = Duration.seconds(30)
    /// Of a list or get with its retries.
    private let callLimit: Duration
    /// Of a single request.
    private static let requestLimit = Limits.requestTimeout + patience

    /// - Parameter callTime: the longest that a list or get can take, retries included.
    init(callTime: Duration) {
        callLimit = callTime + Self.patience
    }

    /// - Parameter priority: nil for a POST.
    mutating func begin(
        _ service: ServiceID, _ priority: LanePriority?, at now: ContinuousClock.Instant
    ) -> RequestID {
        last += 1
        let id = RequestID(number: last, service: service)
        let limit = priority == nil ? Self.requestLimit : callLimit
        underWay[id] = Entry(
            limit: now.advanced(by: limit), priority: priority, begunAt: now)
        return id
    }

    /// Takes a request off the books; gives its place in the lane, and whether it had left that.
    mutating func end(_ id: RequestID) -> (priority: LanePriority, wasSlow: Bool)? {
        guard let entry = underWay.removeValue(forKey: id), let priority = entry.priority else {
            return nil
        }
        return (priority, entry.isSlow)
    }

    /// The requests that leave their places now, the first first.
    mutating func takeSlow(at now: ContinuousClock.Instant) -> [(id: RequestID, LanePriority)] {
        var slow: [(id: RequestID, LanePriority)] = []
        for (id, entry) in underWay {
            guard let priority = entry.priority, let slowAt = entry.slowAt, slowAt <= now else {
                continue
            }
            slow.append((id, priority))
        }
        for (id, _) in slow { underWay[id]?.isSlow = true }
        return slow.sorted { $0.id.number < $1.id.number }
    }

    /// When the next one leaves its place.
    var nextSlowAt: ContinuousClock.Instant? {
        underWay.values.compactMap(\.slowAt).min()
    }

    /// Whether some request is past its own time limit, which none can be.
    func isHung(at now: ContinuousClock.Instant) -> Bool {
        underWay.values.contains { $0.limit < now }
    }
}
