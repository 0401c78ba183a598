import FilterLanguage
import Testing
import WireFormat

@testable import OpwatchCore

@Suite("Warnings and the notice that they give")
struct WarningTests {
    /// Timeout 1,000 s, warned 100 s before.
    private static func world(_ mode: Mode = .enforce) throws -> World {
        try World(
            [.cancel(Timeouts(total: .seconds(1_000)), warnBefore: .seconds(100))], mode: mode)
    }

    private static func warned(
        at seconds: Int64, rule: String = "slow", clock: Clock = .total, deadline: Int64 = 1_000,
        timeout: Int64 = 1_000, mode: Mode = .enforce, hash: RuleHash? = nil,
        isNotice: Bool? = nil
    ) -> Remembered {
        let record = JournalRecord.Warned(
            operation: .named("a"), rule: rule, clock: clock, deadline: time(deadline),
            age: .seconds(seconds), timeout: .seconds(timeout), at: time(seconds), mode: mode,
            ruleHash: hash, isNotice: isNotice ?? (mode == .enforce))
        return Remembered(since: time(0), warning: Warning(record))
    }

    @Test(
        "warned at the deadline minus the notice, or when first seen later",
        arguments: [
            (899, "keep"), (900, "warn"), (1_000, "warn"), (1_001, "warn"), (5_000, "warn"),
        ])
    func warnedInTime(now: Int64, word: String) throws {
        #expect(try Self.world().decide(created(0), at: time(now)).word == word)
    }

    @Test(
        "never cancelled before the deadline, nor before the notice has passed",
        arguments: [
            (900, 950, "keep"), (900, 1_000, "keep"), (900, 1_001, "cancel"),
            (5_000, 5_099, "keep"), (5_000, 5_100, "cancel"),
        ])
    func notice(warnedAt: Int64, now: Int64, word: String) throws {
        let decision = try Self.world().decide(
            created(0), Self.warned(at: warnedAt), at: time(now))
        #expect(decision.word == word)
    }

    @Test("the wait for the notice names its end")
    func noticeUntil() throws {
        let decision = try Self.world().decide(
            created(0), Self.warned(at: 5_000), at: time(5_099))
        guard case .keep(.noticeUntil(let end, _)) = decision else {
            Issue.record("decided \(decision)")
            return
        }
        #expect(end == time(5_100))
    }

    @Test(
        "a warning is void for another rule, clock, timeout or deadline",
        arguments: [
            warned(at: 900, rule: "other"), warned(at: 900, clock: .running),
            warned(at: 900, timeout: 999), warned(at: 900, deadline: 999),
        ])
    func void(remembered: Remembered) throws {
        #expect(try Self.world().decide(created(0), remembered, at: time(5_000)).word == "warn")
    }

    @Test(
        "a warning of a clock that was ahead is given again, at more than five minutes ahead",
        arguments: [
            (Mode.observe, 5_300, "keep"), (.observe, 5_301, "warn"), (.enforce, 5_301, "warn"),
        ])
    func ahead(mode: Mode, warnedAt: Int64, word: String) throws {
        let decision = try Self.world(mode).decide(
            created(0), Self.warned(at: warnedAt, mode: mode), at: time(5_000))
        #expect(decision.word == word)
    }

    @Test(
        "only a warning written in enforce is notice in enforce",
        arguments: [
            (Mode.observe, Mode.observe, "cancel"), (.enforce, .observe, "cancel"),
            (.enforce, .enforce, "cancel"), (.observe, .enforce, "warn"),
        ])
    func modes(warnedIn: Mode, now: Mode, word: String) throws {
        let decision = try Self.world(now).decide(
            created(0), Self.warned(at: 900, mode: warnedIn), at: time(5_000))
        #expect(decision.word == word)
    }

    @Test("a warning says of which rule it is, and whether a cancel may follow it")
    func written() throws {
        let cancel = try Rule.cancel(Timeouts(total: .seconds(60)), warnBefore: .seconds(30))
        for (rule, mode, clocksAgree, isNotice) in [
            (cancel, Mode.enforce, true, true), (cancel, .enforce, false, false),
            (cancel, .observe, true, false),
            (try Rule.warn(Timeouts(total: .seconds(60))), .enforce, true, false),
        ] {
            var world = try World([rule], mode: mode)
            let walk = try world.walk([[created(0)]], at: time(90), clocksAgree: clocksAgree)
            guard case .record(.warned(let warned))? = walk.findings.last else {
                Issue.record("found \(walk.words)")
                continue
            }
            #expect(warned.isNotice == isNotice)
            #expect(warned.ruleHash == RuleHash(of: rule))
        }
    }

    @Test("a warning of another match, of another notice or of a rule that only warned is void")
    func ruleChanged() throws {
        let rule = try Rule.cancel(
            Timeouts(total: .seconds(1_000)), warnBefore: .seconds(100), match: "name:*")
        let world = try World([rule])
        var warnRule = rule
        warnRule.action = .warn
        var other = rule
        other.match = try Filter(parsing: "name:a")
        var longer = rule
        longer.warnBefore = .seconds(900)
        for (warnedBy, word) in [
            (rule, "cancel"), (warnRule, "warn"), (other, "warn"), (longer, "warn"),
        ] {
            let remembered = Self.warned(at: 900, hash: RuleHash(of: warnedBy))
            #expect(try world.decide(created(0), remembered, at: time(5_000)).word == word)
        }
    }

    @Test("a warning by a list in whole seconds is notice for a GET in microseconds")
    func precision() throws {
        let precise = running("a", #""createTime":"\#(time(0, 123_456_000))""#)
        let remembered = Self.warned(at: 900)
        #expect(try Self.world().decide(precise, remembered, at: time(5_000)).word == "cancel")
    }

    @Test("what was no notice is warned of once more, as soon as the clocks agree")
    func noNotice() throws {
        let remembered = Self.warned(at: 900, isNotice: false)
        let world = try Self.world()
        let sighting = try world.sighting(created(0), at: time(5_000))
        for (clocksAgree, word) in [(true, "warn"), (false, "keep")] {
            let decision = Decider.decide(
                sighting, under: world.plan, mode: .enforce, clocksAgree: clocksAgree,
                remembered: remembered, at: time(5_000))
            #expect(decision.word == word)
        }
    }

    @Test("a stalled warning is void after a change, and survives a stop of the clock")
    func stalled() throws {
        let rule = try Rule.cancel(Timeouts(stalled: .seconds(100)), warnBefore: .seconds(50))
        let world = try World([rule])
        func sighting(_ progress: Int) throws -> Sighting {
            try world.sighting(created(0, "a", #""progress":\#(progress)"#), at: time(0))
        }
        var stall = StallMemory(try sighting(1).snapshot, at: time(0), isServerTime: true)
        let changed = try sighting(2)
        stall.observe(
            changed.snapshot, at: time(10), isServerTime: true, gapMax: .seconds(1_000))
        stall.observe(
            changed.snapshot, at: time(70), isServerTime: true, gapMax: .seconds(1_000))
        let warning = Warning(
            JournalRecord.Warned(
                operation: .named("a"), rule: "slow", clock: .stalled, deadline: time(110),
                age: .seconds(60), timeout: .seconds(100), at: time(70), mode: .enforce,
                isNotice: true))
        func decide(_ sighting: Sighting, at seconds: Int64) -> Decision {
            let remembered = Remembered(since: time(0), warning: warning, stall: stall)
            return Decider.decide(
                sighting, under: world.plan, mode: .enforce, remembered: remembered,
                at: time(seconds))
        }
        stall.pause()
        stall.observe(
            changed.snapshot, at: time(5_000), isServerTime: true, gapMax: .seconds(1_000))
        #expect(decide(changed, at: 5_000).word == "keep")
        stall.observe(
            changed.snapshot, at: time(5_041), isServerTime: true, gapMax: .seconds(1_000))
        #expect(decide(changed, at: 5_041).word == "cancel")
        let again = try sighting(3)
        stall.observe(
            again.snapshot, at: time(5_050), isServerTime: true, gapMax: .seconds(1_000))
        stall.observe(
            again.snapshot, at: time(5_151), isServerTime: true, gapMax: .seconds(1_000))
        #expect(decide(again, at: 5_151).word == "warn")
    }
}
