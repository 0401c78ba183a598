import Testing
import WireFormat

@testable import OpwatchCore

@Suite("The stalled clock")
struct StallTests {
    private static let rules = [try? Rule.cancel(Timeouts(stalled: .seconds(100)))]
        .compactMap { $0 }

    /// One operation whose progress is given, every 60 s but where a time is told.
    private static func operation(_ progress: Int, _ more: String = "") -> String {
        created(0, "a", #""progress":\#(progress)\#(more)"#)
    }

    /// How long the operation has stalled by the poll memory; nil where the clock does not run.
    private func stalled(_ world: World) -> Duration? {
        world.state.find(.named("a")).flatMap { world.memory.stalls[$0]?.stalledFor }
    }

    @Test("runs from the first look, and counts what was observed since the last change")
    func begins() throws {
        var world = try World(Self.rules)
        _ = try world.walk([[Self.operation(1)]], at: time(0))
        #expect(stalled(world) == .zero)
        _ = try world.walk([[Self.operation(1)]], at: time(60))
        #expect(stalled(world) == .seconds(60))
        _ = try world.walk([[Self.operation(2)]], at: time(120))
        #expect(stalled(world) == .zero)
        _ = try world.walk([[Self.operation(2)]], at: time(180))
        #expect(stalled(world) == .seconds(60))
        let walk = try world.walk([[Self.operation(2)]], at: time(221))
        #expect(stalled(world) == .seconds(101))
        #expect(walk.completion.candidates.map(\.due.deadline) == [time(220)])
    }

    @Test("counts nothing between times of two clocks, ours and the service's")
    func otherClock() throws {
        var world = try World(Self.rules)
        // Without a `Date` the second page counts by our clock, which is 40 s ahead.
        for (at, clocksAgree) in [(0, true), (100, false), (120, true)] {
            _ = try world.walk(
                [[Self.operation(1)]], at: time(Int64(at)), clocksAgree: clocksAgree)
        }
        #expect(stalled(world) == .zero)
        _ = try world.walk([[Self.operation(1)]], at: time(180))
        #expect(stalled(world) == .seconds(60))
    }

    @Test("a change dated by a clock that was ahead does not stay in the future")
    func changeAhead() throws {
        var world = try World(Self.rules)
        let year = Int64(31_536_000)
        _ = try world.walk([[Self.operation(1)]], at: time(year), clocksAgree: false)
        _ = try world.walk([[Self.operation(1)]], at: time(60))
        let ref = try #require(world.state.find(.named("a")))
        #expect(world.memory.stalls[ref]?.changedAt == time(60))
        #expect(stalled(world) == .zero)
    }

    @Test("any other change of the metadata resets it")
    func metadataChange() throws {
        var world = try World(Self.rules)
        for (at, progress, more) in [(0, 1, ""), (60, 2, ""), (120, 2, "")] {
            _ = try world.walk([[Self.operation(progress, more)]], at: time(Int64(at)))
        }
        #expect(stalled(world) == .seconds(60))
        _ = try world.walk([[Self.operation(2, #","step":"b""#)]], at: time(180))
        #expect(stalled(world) == .zero)
    }

    @Test("its deadline stays while it is watched, so confirmations add up")
    func confirmations() throws {
        var world = try World(Self.rules)
        _ = try world.walk([[Self.operation(1)]], at: time(0))
        _ = try world.walk([[Self.operation(2)]], at: time(60))
        for (at, confirmations) in [(160, [Int]()), (170, [1]), (190, [2]), (191, [3])] {
            let walk = try world.walk([[Self.operation(2)]], at: time(Int64(at)))
            #expect(walk.completion.candidates.map(\.confirmations) == confirmations)
        }
    }

    /// A world in which the operation has stalled for 60 s at second 120.
    private func stalling() throws -> World {
        var world = try World(Self.rules)
        for (at, progress) in [(0, 1), (60, 2), (120, 2)] {
            _ = try world.walk([[Self.operation(progress)]], at: time(Int64(at)))
        }
        return world
    }

    @Test("a failed poll stops it")
    func failedPoll() throws {
        var world = try stalling()
        _ = try world.walk([[Self.operation(2)]], at: time(180), completes: false)
        world.memory.resetStalls { _ in true }
        _ = try world.walk([[Self.operation(2)]], at: time(240))
        #expect(stalled(world) == .seconds(60))
        _ = try world.walk([[Self.operation(2)]], at: time(300))
        #expect(stalled(world) == .seconds(120))
    }

    @Test(
        "three intervals between looks count, more are a gap", arguments: [(300, 240), (301, 60)])
    func gap(at: Int64, expected: Int64) throws {
        var world = try stalling()
        _ = try world.walk([[Self.operation(2)]], at: time(at))
        #expect(stalled(world) == .seconds(expected))
    }

    @Test("a stop while the walk was under way takes back what the walk added")
    func stopInTheWalk() throws {
        var world = try stalling()
        var poll = Poll(
            partition: .acme, plan: world.plan, mode: .enforce, walk: 9, gapMax: .seconds(180))
        let ref = try #require(world.state.find(.named("a")))
        _ = poll.judge(
            try world.sighting(Self.operation(2), at: time(180)), ref, at: time(180),
            clocksAgree: true, in: world.state, memory: &world.memory, mayRetryCancel: false)
        world.memory.resetStalls { _ in true }
        _ = poll.finish(number: 9, in: world.state, memory: &world.memory)
        #expect(stalled(world) == .seconds(60))
        _ = try world.walk([[Self.operation(2)]], at: time(280))
        #expect(stalled(world) == .seconds(60))
    }

    @Test("a poll that does not list it, or an answer without progress, stops it")
    func unseen() throws {
        var absent = try stalling()
        _ = try absent.walk([[]], at: time(180))
        _ = try absent.walk([[Self.operation(2)]], at: time(240))
        #expect(stalled(absent) == .seconds(60))
        var silent = try stalling()
        _ = try silent.walk([[created(0)]], at: time(180))
        _ = try silent.walk([[Self.operation(2)]], at: time(240))
        #expect(stalled(silent) == .seconds(60))
    }

    @Test("a server clock that goes back a little counts no second twice")
    func backwards() throws {
        var world = try stalling()
        for at in [110, 130, 125, 131] {
            _ = try world.walk([[Self.operation(2)]], at: time(Int64(at)))
        }
        #expect(stalled(world) == .seconds(71))
    }

    @Test("a server clock that jumped far goes on counting at its new time")
    func farJump() throws {
        var world = try stalling()
        for at in [1_000_000, 200, 230] {
            _ = try world.walk([[Self.operation(2)]], at: time(Int64(at)))
        }
        #expect(stalled(world) == .seconds(90))
    }

    @Test("a fresh answer that shows progress stops the cancel")
    func freshProgress() throws {
        var world = try stalling()
        let walk = try world.walk([[Self.operation(2)]], at: time(240))
        let candidate = try #require(walk.completion.candidates.first)
        let remembered = world.state.remembered(
            candidate.operation, memory: world.memory, mayRetryCancel: true)
        #expect(try world.decide(Self.operation(2), remembered, at: time(241)).word == "cancel")
        #expect(try world.decide(Self.operation(3), remembered, at: time(241)) == .keep(.noClock))
        let moved = Self.operation(2, #","step":"b""#)
        #expect(try world.decide(moved, remembered, at: time(241)) == .keep(.noClock))
    }

    @Test("a new operation in the place of an old one inherits nothing")
    func reusedPlace() throws {
        var world = try stalling()
        var poll = Poll(
            partition: .acme, plan: world.plan, mode: .enforce, walk: 9, gapMax: .seconds(180))
        let ref = try #require(world.state.find(.named("a")))
        _ = poll.judge(
            try world.sighting(Self.operation(2), at: time(280)), ref, at: time(280),
            clocksAgree: true, in: world.state, memory: &world.memory, mayRetryCancel: false)
        try world.state.apply(.finished(.named("a"), code: 0))
        world.memory.forget(ref)
        try world.state.apply(.seen(.of("b")))
        #expect(world.state.find(.named("b")) == ref)
        let completion = poll.finish(number: 9, in: world.state, memory: &world.memory)
        #expect(completion.candidates.isEmpty)
        #expect(world.memory.stalls[ref] == nil)
    }

    /// The world after a restart: what the polls remembered is gone, the journal is not.
    private func restarted(_ world: World) throws -> World {
        var next = world
        next.memory = PollMemory()
        next.state = WatchState()
        for record in world.state.checkpoint() { try next.state.apply(record) }
        return next
    }

    @Test("half of the timeout is written once, and a restart goes on from there")
    func survivesRestart() throws {
        var world = try World(Self.rules)
        var written: [Int] = []
        for at in [0, 49, 50, 60, 70] {
            let walk = try world.walk([[Self.operation(1)]], at: time(Int64(at)))
            written.append(walk.completion.stallings.count)
        }
        #expect(written == [0, 0, 1, 0, 0])
        var next = try restarted(world)
        _ = try next.walk([[Self.operation(1)]], at: time(9_000))
        #expect(stalled(next) == .seconds(50))
        let walk = try next.walk([[Self.operation(1)]], at: time(9_051))
        #expect(stalled(next) == .seconds(101))
        #expect(walk.completion.candidates.count == 1)
        #expect(walk.completion.stallings.isEmpty)
    }

    @Test("a state that comes back after another one has its half no more")
    func comesBack() throws {
        var world = try World(Self.rules)
        for (at, progress) in [(0, 1), (60, 1), (120, 2), (180, 1)] {
            _ = try world.walk([[Self.operation(progress)]], at: time(Int64(at)))
        }
        var next = try restarted(world)
        _ = try next.walk([[Self.operation(1)]], at: time(9_000))
        #expect(stalled(next) == .zero)
        // And the next half is written again.
        let walk = try next.walk([[Self.operation(1)]], at: time(9_060))
        #expect(walk.completion.stallings.count == 1)
    }

    @Test("a restart that finds another state begins anew", arguments: ["", #","step":"b""#])
    func restartAfterChange(more: String) throws {
        var world = try World(Self.rules)
        for at in [0, 60] { _ = try world.walk([[Self.operation(1)]], at: time(Int64(at))) }
        var next = try restarted(world)
        let changed = Self.operation(more.isEmpty ? 2 : 1, more)
        _ = try next.walk([[changed]], at: time(9_000))
        #expect(stalled(next) == .zero)
    }

    @Test("an interface without update time and progress has no stalled clock")
    func noField() throws {
        var fields = World.allClocks
        fields.updateTime = []
        fields.progress = []
        var world = try World(Self.rules, fields: fields)
        for at in 0..<10 {
            let walk = try world.walk(
                [[created(0, "a", #""step":\#(at)"#)]], at: time(Int64(at) * 60))
            #expect(walk.completion.candidates.isEmpty)
        }
        #expect(world.memory.stalls.isEmpty)
    }
}
