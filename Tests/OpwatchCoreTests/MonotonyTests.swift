import SeededRandom
import Testing
import WireFormat

@testable import OpwatchCore

@Suite("Less information never cancels more")
struct MonotonyTests {
    /// One operation, the same in every poll.
    private struct Life {
        let id: String
        let created: Int64
        let started: Int64?

        func json(isWhole: Bool, _ random: inout SplitMix) -> String? {
            // Lost on the way: the operation, its metadata, or a time.
            let lost = isWhole ? 9 : Int.random(in: 0..<10, using: &random)
            if lost == 0 { return nil }
            if lost == 1 { return #"{"name":"projects/acme/operations/\#(id)"}"# }
            var members: [String] = []
            if lost != 2 { members.append(#""createTime":"\#(time(created))""#) }
            if let started, lost != 3 { members.append(#""startTime":"\#(time(started))""#) }
            return running(id, members.joined(separator: ","))
        }
    }

    private static let rules = [
        try? Rule.cancel(Timeouts(total: .seconds(300), running: .seconds(200))),
        try? Rule.cancel(
            Timeouts(total: .seconds(300), running: .seconds(200)), warnBefore: .seconds(100)),
    ].compactMap { $0 }

    private static func confirmed(_ walk: World.Walk, _ world: World) -> Set<String> {
        Set(
            walk.completion.candidates.filter { $0.confirmations >= 2 }.map {
                world.name($0.operation)
            })
    }

    @Test(
        "lost memory, failed polls, missing operations and missing times only delay",
        arguments: 0..<60)
    func onlyDelays(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let lives = (0..<8).map { index in
            let created = Int64.random(in: -200...300, using: &random)
            let isStarted = Bool.random(using: &random)
            return Life(
                id: "\(index)", created: created,
                started: isStarted ? created + Int64.random(in: 0...200, using: &random) : nil)
        }
        for rule in Self.rules {
            var whole = try World([rule])
            var lossy = try World([rule])
            for poll in 0..<14 {
                let now = time(300 + Int64(poll) * 60)
                let full = lives.compactMap { $0.json(isWhole: true, &random) }
                let less = lives.compactMap { $0.json(isWhole: false, &random) }
                let completes = Int.random(in: 0..<6, using: &random) != 0
                if Int.random(in: 0..<8, using: &random) == 0 { lossy.memory = PollMemory() }
                let more = Self.confirmed(try whole.walk([full], at: now), whole)
                let fewer = Self.confirmed(
                    try lossy.walk([less], at: now, completes: completes), lossy)
                #expect(fewer.isSubset(of: more), "seed \(seed) poll \(poll)")
            }
        }
    }

    @Test("without its warning an operation is warned of again, not cancelled")
    func lostWarning() throws {
        let world = try World(Self.rules.suffix(1))
        let warned = Warning(
            JournalRecord.Warned(
                operation: .named("a"), rule: "slow", clock: .total, deadline: time(300),
                age: .seconds(200), timeout: .seconds(300), at: time(200), mode: .enforce,
                isNotice: true))
        let remembered = Remembered(since: time(0), warning: warned)
        #expect(try world.decide(created(0), remembered, at: time(301)).word == "cancel")
        #expect(
            try world.decide(created(0), Remembered(since: time(0)), at: time(301)).word == "warn")
        #expect(try world.decide(created(0), at: time(301)).word == "warn")
    }
}
