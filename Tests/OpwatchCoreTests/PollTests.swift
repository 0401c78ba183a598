import Testing
import WireFormat

@testable import OpwatchCore

@Suite("What a walk over all pages finds")
struct PollTests {
    private static let minute = Timeouts(total: .seconds(60))

    @Test("an operation is journalled at first sight, done ones are not tracked")
    func firstSight() throws {
        var world = try World([.cancel(Self.minute)])
        let walk = try world.walk([[created(0), done("b")]], at: time(10))
        #expect(walk.findings == [.record(.seen(.of("a")))])
        #expect(walk.poll.liveCount == 1)
        #expect(walk.poll.matchCounts == [1])
        #expect(try world.walk([[created(0)]], at: time(20)).findings.isEmpty)
    }

    @Test("without a creation time it is stamped a second after the answer's time")
    func stamped() throws {
        var world = try World([.cancel(Self.minute)])
        let walk = try world.walk([[running()]], at: time(10))
        #expect(walk.findings == [.record(.seen(.of("a", since: time(11), isCreation: false)))])
    }

    @Test("while the clocks disagree nothing is stamped, and creation times still count")
    func noStamp() throws {
        var world = try World([.cancel(Self.minute)])
        let walk = try world.walk([[running(), created(0, "b")]], at: time(10), mayStamp: false)
        #expect(walk.words == ["untrackable", "seen"])
        #expect(world.state.operationCount == 1)
    }

    @Test("names are tracked up to 1,024 bytes and never without one")
    func names() throws {
        var world = try World([])
        func json(_ bytes: Int) -> String {
            let name = "projects/acme/" + String(repeating: "x", count: 1_024)
            return #"{"name":"\#(name.prefix(bytes))"}"#
        }
        let walk = try world.walk([[json(1_024), json(1_025), json(0), "{}"]], at: time(0))
        #expect(walk.words == ["seen", "untrackable", "untrackable", "untrackable"])
    }

    @Test("what the service's filter does not hold for is left out, but for a tracked one's end")
    func filtered() throws {
        var world = try World([.cancel(Self.minute)], filter: "NOT done = true AND metadata.x = 1")
        let passing = created(0, "a", #""x":1"#)
        var walk = try world.walk([[passing, created(0, "b", #""x":2"#)]], at: time(0))
        #expect(walk.words == ["seen"])
        #expect(walk.poll.filteredCount == 1)
        walk = try world.walk([[created(0, "a", #""x":2"#)]], at: time(100))
        #expect(walk.poll.filteredCount == 1)
        #expect(walk.completion.candidates.isEmpty)
        #expect(walk.completion.absent.isEmpty)
        #expect(try world.walk([[done()]], at: time(200)).words == ["finished"])
    }

    @Test("what has ended is told once where a list goes on to show it; a younger one is new")
    func lingering() throws {
        var world = try World([.cancel(Self.minute)])
        try world.end(created(0))
        #expect(try world.walk([[created(0)]], at: time(20)).words == ["lingering"])
        #expect(try world.walk([[done()]], at: time(30)).words == [])
        #expect(try world.walk([[created(0)]], at: time(40)).words == [])
        // A list that flaps: its creation time says that it is the same.
        #expect(try world.walk([[]], at: time(50)).words == [])
        #expect(try world.walk([[created(0)]], at: time(60)).words == [])
        #expect(try world.walk([[created(41)]], at: time(70)).words == ["seen"])
    }

    @Test("without a creation time what left the list after its end may be another operation")
    func lingeringWithoutTime() throws {
        var world = try World([.cancel(Self.minute)])
        try world.end(running())
        #expect(try world.walk([[running()]], at: time(20)).words == ["lingering"])
        #expect(try world.walk([[]], at: time(30), completes: false).words == [])
        #expect(try world.walk([[running()]], at: time(40)).words == [])
        #expect(try world.walk([[]], at: time(50)).words == [])
        #expect(try world.walk([[running()]], at: time(60)).words == ["seen"])
    }

    @Test("another partition reports a duplicate and leaves it alone")
    func duplicate() throws {
        var world = try World([.cancel(Self.minute)])
        _ = try world.walk([[created(0)]], at: time(0))
        let walk = try world.walk([[created(0)]], at: time(100), partition: .other)
        #expect(walk.findings == [.duplicate(.named("a"), owner: .acme)])
        #expect(walk.completion.candidates.isEmpty)
        #expect(walk.poll.liveCount == 0)
    }

    @Test("confirmations count complete polls in a row in which it was overdue")
    func confirmations() throws {
        var world = try World([.cancel(Self.minute)])
        var counts: [[Int]] = []
        for at in [60, 61, 120, 180] {
            let walk = try world.walk([[created(0)]], at: time(Int64(at)))
            counts.append(walk.completion.candidates.map(\.confirmations))
        }
        #expect(counts == [[], [1], [2], [3]])
    }

    @Test("a failed poll neither counts nor resets, a gap resets")
    func gaps() throws {
        var world = try World([.cancel(Self.minute)])
        _ = try world.walk([[created(0)]], at: time(100))
        _ = try world.walk([[created(0)]], at: time(160), completes: false)
        var walk = try world.walk([[created(0)]], at: time(220))
        #expect(walk.completion.candidates.map(\.confirmations) == [2])
        walk = try world.walk([[created(0)]], at: time(900), afterGap: true)
        #expect(walk.completion.candidates.map(\.confirmations) == [1])
    }

    @Test("another winning rule, a changed deadline and a complete poll without it reset")
    func resets() throws {
        let first = try Rule.cancel(Self.minute, name: "first", match: "metadata.x = 1")
        var world = try World([first, .cancel(Self.minute, name: "second")])
        let marked = created(0, "a", #""x":1"#)
        for (json, expected) in [
            (marked, [1]), (marked, [2]), (created(0), [1]), (created(0), [2]), (marked, [1]),
            (running(), []), (marked, [1]), (marked, [2]),
        ] {
            let walk = try world.walk([[json]], at: time(100))
            #expect(walk.completion.candidates.map(\.confirmations) == expected)
        }
        _ = try world.walk([[]], at: time(100))
        let walk = try world.walk([[marked]], at: time(100))
        #expect(walk.completion.candidates.map(\.confirmations) == [1])
        world.memory.resetConfirmations()
        let afterReload = try world.walk([[marked]], at: time(100))
        #expect(afterReload.completion.candidates.map(\.confirmations) == [1])
    }

    @Test("waiting for the notice confirms, and is no candidate")
    func notice() throws {
        let rule = try Rule.cancel(Self.minute, warnBefore: .seconds(30))
        var world = try World([rule])
        var walk = try world.walk([[created(0)]], at: time(100))
        #expect(walk.words == ["seen", "warned"])
        #expect(walk.completion.candidates.isEmpty)
        walk = try world.walk([[created(0)]], at: time(129))
        #expect(walk.findings.isEmpty && walk.completion.candidates.isEmpty)
        walk = try world.walk([[created(0)]], at: time(130))
        #expect(walk.completion.candidates.map(\.confirmations) == [3])
    }

    @Test("absent from a complete poll is to be looked up, from a failed one not")
    func absent() throws {
        var world = try World([.cancel(Self.minute)])
        _ = try world.walk([[created(0), created(0, "b")]], at: time(0))
        let failed = try world.walk([[created(0)]], at: time(10), completes: false)
        #expect(failed.completion.absent.isEmpty)
        let walk = try world.walk([[created(0)]], at: time(20))
        #expect(walk.completion.absent.map(world.name) == ["projects/acme/operations/b"])
    }

    @Test("absent with a cancel of ours open is the verification's")
    func absentOpen() throws {
        var world = try World([.cancel(Self.minute)])
        _ = try world.walk([[created(0)]], at: time(100))
        try world.state.apply(.intent(.number(1)))
        #expect(try world.walk([[]], at: time(160)).completion.absent.isEmpty)
        try world.state.apply(.withdrawn(IntentID(1), reason: "test"))
        #expect(try world.walk([[]], at: time(220)).completion.absent.count == 1)
    }

    @Test("listed again after unlisted is told")
    func relisted() throws {
        var world = try World([.cancel(Self.minute)])
        _ = try world.walk([[created(0)]], at: time(0))
        try world.state.apply(.unlisted(.named("a")))
        #expect(try world.walk([[created(0)]], at: time(10)).words == ["relisted"])
        #expect(try world.walk([[created(0)]], at: time(20)).findings.isEmpty)
    }

    @Test(
        "an end without a cancel of ours",
        arguments: [
            ("", JournalRecord.finished(.named("a"), code: 0)),
            (#""error":{"code":13}"#, .finished(.named("a"), code: 13)),
            (
                #""error":{"code":1}"#,
                .verdict(.named("a"), nil, .cancelledByOther, late: false, at: time(10))
            ),
        ])
    func ends(result: String, record: JournalRecord) throws {
        var world = try World([.cancel(Self.minute)])
        _ = try world.walk([[created(0)]], at: time(0))
        let walk = try world.walk([[done("a", result)]], at: time(10))
        #expect(walk.findings == [.record(record)])
        #expect(world.state.operationCount == 0)
        #expect(walk.poll.liveCount == 0)
    }

    @Test("an end with a cancel of ours open is proven by a GET")
    func endOfOpen() throws {
        var world = try World([.cancel(Self.minute)])
        _ = try world.walk([[created(0)]], at: time(100))
        try world.state.apply(.intent(.number(1)))
        #expect(try world.walk([[done()]], at: time(160)).words == ["verify"])
        let nameless = #"{"name":"projects/acme/operations/a","done":true}"#
        #expect(try world.walk([[nameless]], at: time(220)).words == ["verify"])
    }

    @Test(
        "the real end after refused and defied is a late verdict",
        arguments: [
            (Verdict.defied, 200, #""error":{"code":1}"#, Verdict.cancelled),
            (.defied, 200, #""error":{"code":5}"#, .failedOtherwise),
            (.defied, 200, "", .finishedAnyway), (.refused, 400, "", .finishedAnyway),
            (.refused, 400, #""error":{"code":1}"#, .cancelledByOther),
        ])
    func lateEnd(verdict: Verdict, http: Int, result: String, late: Verdict) throws {
        var world = try World([.cancel(Self.minute)])
        _ = try world.walk([[created(0)]], at: time(100))
        let id = IntentID(1)
        try world.state.apply(.intent(.number(1)))
        try world.state.apply(
            .asked(id, http: http, status: http == 200 ? "OK" : "FAILED_PRECONDITION"))
        try world.state.apply(.verdict(.named("a"), id, verdict, late: false, at: time(200)))
        let walk = try world.walk([[done("a", result)]], at: time(300))
        #expect(
            walk.findings
                == [.record(.verdict(.named("a"), id, late, late: true, at: time(300)))])
        #expect(world.state.operationCount == 0)
    }

    @Test("unusable answers and foreign flags are found until they were reported")
    func toldOnce() throws {
        var world = try World([.cancel(Self.minute)])
        let flagged = created(0, "a", #""cancelRequested":true"#)
        let contradicting = #"{"name":"projects/acme/operations/b","error":{}}"#
        let walk = try world.walk([[flagged, contradicting]], at: time(100))
        #expect(walk.words == ["seen", "foreignCancel", "seen", "unusable"])
        for id in ["a", "b"] {
            world.memory.reported.insert(try #require(world.state.find(.named(id))))
        }
        #expect(try world.walk([[flagged, contradicting]], at: time(160)).findings.isEmpty)
    }

    @Test("a candidate stands for its operation only while that is tracked")
    func staleCandidate() throws {
        var world = try World([.cancel(Self.minute)])
        let walk = try world.walk([[created(0)]], at: time(100))
        let candidate = try #require(walk.completion.candidates.first)
        #expect(world.state.holds(candidate))
        try world.state.apply(.finished(.named("a"), code: 0))
        #expect(!world.state.holds(candidate))
        try world.state.apply(.seen(.of("b")))
        #expect(world.state.find(.named("b")) == candidate.operation)
        #expect(!world.state.holds(candidate))
    }

    @Test("an operation that was seen started is one from then on: no start time, no queue")
    func startTimeGone() throws {
        var world = try World([.cancel(Timeouts(queued: .seconds(60), running: .seconds(9_000)))])
        let started = created(0, "a", #""startTime":"\#(time(10))""#)
        #expect(try world.walk([[created(0)]], at: time(5)).words == ["seen"])
        #expect(try world.walk([[started]], at: time(20)).words == ["started"])
        #expect(try world.walk([[started]], at: time(80)).words == [])
        let walk = try world.walk([[created(0)]], at: time(900))
        #expect(walk.words == ["unusable"])
        #expect(walk.completion.candidates.isEmpty)
        // By a local clock that is behind the start lies in the future, but it is told.
        var behind = try World([.cancel(Timeouts(queued: .seconds(60)))])
        let early = created(0, "a", #""startTime":"\#(time(5_000))""#)
        _ = try behind.walk([[created(0)]], at: time(5))
        let walked = try behind.walk([[early]], at: time(20), clocksAgree: false)
        #expect(walked.words == ["started", "unusable"])
        // Seen started at first sight, and remembered over a restart.
        var other = try World([.cancel(Timeouts(queued: .seconds(60)))])
        _ = try other.walk([[started]], at: time(20))
        var next = other
        next.state = WatchState()
        for record in other.state.checkpoint() { try next.state.apply(record) }
        #expect(try next.walk([[created(0)]], at: time(900)).completion.candidates.isEmpty)
    }

    @Test("what ends in mid-walk is not found as younger, whoever has its place then")
    func renewedAndGone() throws {
        var world = try World([.cancel(Self.minute)])
        _ = try world.walk([[created(0)]], at: time(100))
        let ref = try #require(world.state.find(.named("a")))
        var poll = Poll(
            partition: .acme, plan: world.plan, mode: .enforce, walk: 100, gapMax: .seconds(180))
        let younger = try world.sighting(created(110), at: time(300))
        _ = poll.judge(
            younger, ref, at: time(300), clocksAgree: true, in: world.state,
            memory: &world.memory, mayRetryCancel: false)
        try world.state.apply(.vanished(.named("a")))
        world.memory.forget(ref)
        try world.state.apply(.seen(.of("b")))
        #expect(world.state.find(.named("b")) == ref)
        let completion = poll.finish(number: 2, in: world.state, memory: &world.memory)
        #expect(completion.doubted.isEmpty)
    }

    @Test("a younger operation under a known name is found as such, an older one contradicts")
    func renewed() throws {
        var world = try World([.cancel(Self.minute)])
        _ = try world.walk([[created(100)]], at: time(120))
        let younger = try world.walk([[created(110)]], at: time(300))
        #expect(younger.words.isEmpty)
        #expect(younger.completion.doubted.count == 1)
        #expect(younger.completion.candidates.isEmpty)
        let older = try world.walk([[created(90)]], at: time(360))
        #expect(older.words == ["unusable"])
        #expect(older.completion.doubted.isEmpty)
    }

    @Test("an end that tells no creation time is asked for where one was told before, else counts")
    func endWithoutCreation() throws {
        let end = #"{"name":"projects/acme/operations/a","done":true}"#
        var world = try World([.cancel(Self.minute)])
        _ = try world.walk([[created(100)]], at: time(120))
        let walk = try world.walk([[end]], at: time(300))
        #expect(walk.words.isEmpty)
        #expect(walk.completion.doubted.count == 1)
        #expect(try world.walk([[done(created: 100)]], at: time(360)).words == ["finished"])
        // Neither is what tells none of the name that told another one's.
        _ = try world.walk([[created(100)]], at: time(370))
        _ = try world.walk([[created(200)]], at: time(380))
        for nameless in [end, running()] {
            let walk = try world.walk([[nameless]], at: time(390))
            #expect(walk.words.isEmpty && walk.completion.doubted.count == 1)
        }
        let ref = try #require(world.state.find(.named("a")))
        try world.state.apply(.vanished(.named("a")))
        world.memory.forget(ref)
        _ = try world.walk([[running()]], at: time(420))
        #expect(try world.walk([[end]], at: time(480)).words == ["finished"])
    }

    @Test("one page that shows an operation done and running: it has ended, in either order")
    func doneAndRunning() throws {
        for page in [[done(), created(0)], [created(0), done()]] {
            var world = try World([.cancel(Self.minute)])
            _ = try world.walk([[created(0)]], at: time(30))
            #expect(try world.walk([page], at: time(90)).words == ["finished"])
            #expect(world.state.operationCount == 0)
        }
    }

    @Test("an operation that the filter no longer holds for is listed all the same")
    func filteredIsListed() throws {
        var world = try World([.cancel(Self.minute)], filter: "metadata.step = a")
        _ = try world.walk([[created(0, "a", #""step":"a""#)]], at: time(30))
        let walk = try world.walk([[created(0, "a", #""step":"b""#)]], at: time(90))
        #expect(walk.completion.absent.isEmpty)
        #expect(walk.completion.candidates.isEmpty)
    }

    @Test(
        "only what is named within the parent is tracked under it",
        arguments: [
            ("projects/acme/operations/x", true), ("projects/acme/locations/l/operations/x", true),
            ("projects/acme", false), ("projects/acme/", false),
            ("projects/acmes/operations/x", false), ("operations/x", false),
            ("/projects/acme/operations/x", false),
        ])
    func outsideParent(name: String, isTracked: Bool) throws {
        for names in NameScope.allCases {
            var world = try World([.cancel(Self.minute)])
            world.policy.services[0].names = names
            world.plan = ServicePlan(world.policy, serviceIndex: 0)
            let json = #"{"name":"\#(name)","metadata":{"createTime":"\#(time(0))"}}"#
            let walk = try world.walk([[json]], at: time(90))
            #expect(walk.words.first == (isTracked || names == .any ? "seen" : "untrackable"))
        }
    }

    @Test("a dash in a parent stands for any, an empty parent bounds nothing")
    func wildParents() {
        let wild = ParentScope("projects/acme/locations/-", .withinParent)
        #expect(wild.contains("projects/acme/locations/us/operations/x"))
        #expect(!wild.contains("projects/other/locations/us/operations/x"))
        #expect(!wild.contains("projects/acme/locations/us"))
        #expect(ParentScope("", .withinParent).contains("operations/x"))
    }

    @Test("what is done and has no name is no news")
    func doneWithoutName() throws {
        var world = try World([.cancel(Self.minute)])
        #expect(try world.walk([[#"{"done":true}"#]], at: time(0)).words == [])
        #expect(try world.walk([["{}"]], at: time(0)).words == ["untrackable"])
    }
}

extension World {
    /// The operation `a` is listed, and then seen to end by somebody else than its list.
    fileprivate mutating func end(_ row: String) throws {
        _ = try walk([[row]], at: time(10))
        let ref = try #require(state.find(.named("a")))
        let listed = memory.listedIn(ref, serial: state.serial(ref))
        try state.apply(.finished(.named("a"), code: 0))
        memory.ended.insert(try #require(state.ends.last), listedIn: listed)
    }
}
