import OpwatchCore
import Testing
import WireFormat

@Suite("What one answer leads to")
struct DeciderTests {
    private static let hour = Timeouts(total: .seconds(3_600))

    @Test("an ignore rule wins wherever it stands, else the first match decides")
    func whoWins() throws {
        let keep = #"metadata.labels.keep = "yes""#
        let world = try World([
            .cancel(Self.hour, name: "first"), .cancel(Self.hour, name: "second"), .ignore(keep),
        ])
        let plain = created(0, "a", #""labels":{}"#)
        let kept = created(0, "a", #""labels":{"keep":"yes"}"#)
        #expect(try world.sighting(plain, at: time(1)).ruling == .matched(by: 0))
        #expect(try world.sighting(kept, at: time(1)).ruling == .ignored(by: 2))
        #expect(try world.decide(kept, at: time(9_999)) == .ignore(rule: 2))
    }

    @Test("no rule matches: kept")
    func noRule() throws {
        let world = try World([.cancel(Self.hour, match: "metadata.type = X")])
        #expect(try world.decide(created(0), at: time(9_999)) == .keep(.noRule))
    }

    @Test("a rule for other services does not look here")
    func otherServices() throws {
        var rule = try Rule.cancel(Self.hour)
        rule.services = [1]
        #expect(try World([rule]).decide(created(0), at: time(9_999)) == .keep(.noRule))
    }

    @Test(
        "an ignore rule that reads metadata protects what has none",
        arguments: [
            (#"{"name":"a"}"#, true), (#"{"name":"a","metadata":null}"#, true),
            (#"{"name":"a","metadata":"x"}"#, true), (#"{"name":"a","metadata":[]}"#, true),
            (#"{"name":"a","metadata":{}}"#, false),
            (#"{"name":"a","metadata":{"keep":"no"}}"#, false),
        ])
    func unknownIsProtected(json: String, isProtected: Bool) throws {
        let world = try World([.cancel(Self.hour), .ignore("metadata.keep = yes")])
        let expected: Ruling = isProtected ? .ignored(by: 1) : .matched(by: 0)
        #expect(try world.sighting(json, at: time(0)).ruling == expected)
    }

    @Test("an ignore rule that does not read metadata protects only what it matches")
    func ignoreByName() throws {
        let world = try World([.cancel(Self.hour), .ignore("name = b")])
        #expect(try world.sighting(#"{"name":"a"}"#, at: time(0)).ruling == .matched(by: 0))
        #expect(try world.sighting(#"{"name":"b"}"#, at: time(0)).ruling == .ignored(by: 1))
    }

    @Test(
        "absent done is false for the service's filter",
        arguments: ["done = false", "NOT done = true"])
    func absentDone(filter: String) throws {
        let world = try World([], filter: filter)
        #expect(try world.sighting(created(0), at: time(0)).passesFilter)
        #expect(try !world.sighting(done(), at: time(0)).passesFilter)
    }

    @Test(
        "overdue strictly after the deadline",
        arguments: [(3_599, "keep"), (3_600, "keep"), (3_601, "cancel")])
    func deadline(age: Int64, word: String) throws {
        let world = try World([.cancel(Self.hour)])
        let decision = try world.decide(created(0), at: time(age))
        #expect(decision.word == word)
        if case .cancel(let due) = decision {
            #expect(due.deadline == time(3_600))
            #expect(due.age == .seconds(age))
        }
    }

    @Test("done is finished, whatever else is wrong")
    func finished() throws {
        let world = try World([.cancel(Self.hour), .ignore(nil)])
        #expect(try world.decide(done(), at: time(0)) == .finished(code: 0))
        #expect(
            try world.decide(done("a", #""error":{"code":7}"#), at: time(0)) == .finished(code: 7))
        let bad = #"{"name":"a","done":true,"metadata":{"createTime":"never"}}"#
        #expect(try world.decide(bad, at: time(0)) == .finished(code: 0))
    }

    @Test(
        "an open cancel is verified, a proven one that still runs is left alone",
        arguments: [
            (CancelHistory.State.recorded, 0, Decision.verify),
            (.answered(.accepted), 1, .verify), (.answered(.unanswered), 0, .verify),
            (.answered(.missing), 0, .verify),
            (.answered(.refused(.passing)), 0, .verify),
            (.answered(.denied), 1, .verify), (.withdrawn, 1, .verify),
            (.ended(.refused, at: time(0)), 0, .keep(.ended(.refused))),
            (.ended(.defied, at: time(0)), 3, .keep(.ended(.defied))),
        ])
    func openCancel(state: CancelHistory.State, accepted: Int, expected: Decision) throws {
        let world = try World([.cancel(Self.hour)])
        let remembered = Remembered(since: time(0), cancel: .of(state, accepted: accepted))
        #expect(try world.decide(created(0), remembered, at: time(9_999)) == expected)
    }

    @Test(
        "what was not sent or was denied may be cancelled later",
        arguments: [CancelHistory.State.withdrawn, .answered(.denied)])
    func notSent(state: CancelHistory.State) throws {
        let world = try World([.cancel(Self.hour)])
        let remembered = Remembered(since: time(0), cancel: .of(state))
        #expect(try world.decide(created(0), remembered, at: time(9_999)).word == "cancel")
    }

    @Test("a cancel flag that is not ours: watch only; ours: only the waiting repeats")
    func cancelFlag() throws {
        let world = try World([.cancel(Self.hour)])
        let flagged = created(0, "a", #""cancelRequested":true"#)
        #expect(try world.decide(flagged, at: time(9_999)) == .keep(.cancelRequestedByOther))
        var remembered = Remembered(
            since: time(0), cancel: .of(.answered(.accepted), accepted: 1), mayRetryCancel: true)
        #expect(try world.decide(flagged, remembered, at: time(9_999)) == .verify)
        #expect(try world.decide(created(0), remembered, at: time(9_999)).word == "cancel")
        remembered.mayRetryCancel = false
        #expect(try world.decide(created(0), remembered, at: time(9_999)) == .verify)
    }

    @Test("a creation time that changed is no ground for anything")
    func creationChanged() throws {
        let world = try World([.cancel(Self.hour)])
        let decision = try world.decide(created(0), Remembered(since: time(1)), at: time(9_999))
        guard case .keep(.unusable(let reason)) = decision else {
            Issue.record("decided \(decision)")
            return
        }
        #expect(reason.contains("2026-01-01T00:00:01Z"))
    }

    @Test("a warn rule warns once past the timeout and does no more")
    func warnRule() throws {
        let world = try World([.warn(Self.hour)])
        #expect(try world.decide(created(0), at: time(3_600)).word == "keep")
        guard case .warn(let due) = try world.decide(created(0), at: time(3_601)) else {
            Issue.record("no warning")
            return
        }
        let warning = Warning(
            JournalRecord.Warned(
                operation: .named("a"), rule: "late", clock: .total, deadline: due.deadline,
                age: due.age, timeout: due.timeout, at: time(3_601), mode: .observe))
        let later = Remembered(since: time(0), warning: warning)
        #expect(try world.decide(created(0), later, at: time(99_999)).word == "keep")
    }

    @Test("hostile times and timeouts saturate", arguments: [Int64.max, 1 << 62, 400_000_000_000])
    func hostileValues(seconds: Int64) throws {
        let huge = Timeouts(
            total: .seconds(seconds), queued: .seconds(seconds), running: .seconds(seconds),
            stalled: .seconds(seconds))
        let world = try World([.cancel(huge, warnBefore: .seconds(seconds - 1))])
        for now in [Timestamp.earliest, time(0), .latest] {
            for text in ["9999-12-31T23:59:59.999999999Z", "0001-01-01T00:00:00Z", "\(time(0))"] {
                let json = running("a", #""createTime":"\#(text)","startTime":"\#(text)""#)
                let remembered = Remembered(since: .latest, hasCreation: false)
                #expect(try world.decide(json, remembered, at: now).word != "cancel")
                #expect(try world.decide(running(), remembered, at: now).word != "cancel")
            }
        }
    }
}
