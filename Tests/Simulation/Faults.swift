import OpwatchCore
import SeededRandom
import WireFormat

/// Draws the faults of a run by its plan, and counts those that happen.
struct Faults: Sendable {
    var random: SplitMix
    private(set) var counts = FaultCounts()
    private(set) var isHealed = false
    private var plan: FaultPlan
    private var storms: [Storm]

    init(_ plan: FaultPlan, random: SplitMix, start: Timestamp) {
        self.plan = plan
        self.random = random
        storms = FaultKind.allCases.map { _ in Storm(from: start, until: start) }
    }

    /// From now on nothing happens.
    mutating func heal() {
        plan = .none
        isHealed = true
    }

    /// Whether the kind happens now; it is then counted, so only ask where it can.
    mutating func strikes(_ kind: FaultKind) -> Bool {
        guard draws(kind) else { return false }
        counts.add(kind)
        return true
    }

    /// The same without counting: for what has its effect later, if at all.
    mutating func draws(_ kind: FaultKind) -> Bool { random.perMille(plan[kind]) }

    mutating func count(_ kind: FaultKind) { counts.add(kind) }

    /// The storm of the kind that rages now, if one does.
    mutating func storm(_ kind: FaultKind, at now: Timestamp) -> Storm? {
        let rate = plan[kind]
        guard rate > 0 else { return nil }
        var storm = storms[kind.rawValue]
        // Nobody asked for days: there is no need to know what the weather was.
        if now.duration(since: storm.until) > .seconds(86_400) { storm.until = now }
        while storm.until <= now { storm = .next(after: storm.until, rate: rate, &random) }
        storms[kind.rawValue] = storm
        return storm.from <= now ? storm : nil
    }

    /// How long the answer to a request takes.
    mutating func delay() -> Duration {
        if strikes(.lateReply) { return random.milliseconds(1_000...90_000) }
        return random.milliseconds(1...random.pick([20, 200, 900]))
    }

    /// The `Date` of an answer of now, in whole seconds as the header has them.
    mutating func date(at now: Timestamp) -> Timestamp? {
        if strikes(.dateMissing) { return nil }
        var time = now
        if let storm = storm(.dateLies, at: now) {
            count(.dateLies)
            time = now.advanced(by: storm.dateOffset)
        }
        return Timestamp(seconds: time.seconds)
    }
}

/// Minutes in which a kind of fault happens all the time.
struct Storm: Sendable {
    var from: Timestamp
    var until: Timestamp
    /// What this one is like.
    private var character: UInt64 = 0

    init(from: Timestamp, until: Timestamp) {
        self.from = from
        self.until = until
    }

    /// - Parameter rate: its share of all time, per mille.
    static func next(after end: Timestamp, rate: Int, _ random: inout SplitMix) -> Storm {
        let length = random.within(20...480)
        let gapMean = length * (1_000 - min(rate, 1_000)) / rate
        let from = end.advanced(by: .seconds(gapMean == 0 ? 0 : random.below(2 * gapMean + 1)))
        var storm = Storm(from: from, until: from.advanced(by: .seconds(length)))
        storm.character = random.next()
        return storm
    }

    /// What a throttled caller is told; nil: no `Retry-After`.
    var retryAfter: Duration? {
        let waits: [Duration?] = [
            nil, nil, .seconds(1), .seconds(30), .seconds(240), .seconds(900),
        ]
        return waits[Int(character % UInt64(waits.count))]
    }

    /// Whether only cancels are concerned.
    var isForCancels: Bool { character % 3 > 0 }

    /// Hours, days or years in either direction.
    var dateOffset: Duration {
        let amount = Int64(character >> 8 & 0xF) + 1
        let units: [Int64] = [3_600, 86_400, 366 * 86_400]
        let offset = amount * units[Int((character >> 16) % 3)]
        return .seconds(character & 1 == 0 ? offset : -offset)
    }
}
