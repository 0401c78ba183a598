import Testing
import WireFormat

@testable import OpwatchCore

@Suite("What one answer says of an operation")
struct SnapshotTests {
    private func snapshot(
        _ members: String, fields: FieldMap = World.allClocks, at now: Timestamp = time(3_600)
    ) throws -> OperationSnapshot {
        let world = try World([], fields: fields)
        return try world.sighting(#"{"name":"a"\#(members)}"#, at: now).snapshot
    }

    @Test(
        "done is the JSON value true and nothing else",
        arguments: [
            ("", false, false), (#","done":null"#, false, false), (#","done":false"#, false, false),
            (#","done":true"#, true, false), (#","done":"true""#, false, true),
            (#","done":1"#, false, true), (#","done":{}"#, false, true),
            (#","done":[true]"#, false, true),
        ])
    func done(members: String, isDone: Bool, isContradiction: Bool) throws {
        let snapshot = try snapshot(members)
        #expect(snapshot.isDone == isDone)
        #expect((snapshot.contradiction != nil) == isContradiction)
    }

    @Test(
        "a result or an end time without done is a contradiction",
        arguments: [
            #","error":{"code":1}"#, #","error":{}"#, #","response":{}"#, #","error":"x""#,
            #","metadata":{"endTime":"2026-01-01T00:00:00Z"}"#, #","done":false,"response":{}"#,
            #","done":null,"error":{}"#,
        ])
    func contradiction(members: String) throws {
        #expect(try snapshot(members).contradiction != nil)
        let world = try World([.cancel(Timeouts(total: .seconds(1)))])
        let remembered = Remembered(since: time(0), hasCreation: false)
        let decision = try world.decide(
            #"{"name":"a"\#(members)}"#, remembered, at: time(3_600))
        guard case .keep(.unusable) = decision else {
            Issue.record("decided \(decision)")
            return
        }
    }

    @Test(
        "null results and end times are as good as absent",
        arguments: [#","error":null"#, #","response":null"#, #","metadata":{"endTime":null}"#])
    func nulls(members: String) throws {
        #expect(try snapshot(members).contradiction == nil)
    }

    @Test(
        "the outcome is the error's code; an error without a readable code is no success",
        arguments: [
            ("", Int64(0)), (#","response":{}"#, 0), (#","error":null"#, 0),
            (#","error":{"code":1}"#, 1), (#","error":{"code":"1"}"#, 1),
            (#","error":{"code":499}"#, 499), (#","error":{}"#, 2), (#","error":{"code":0}"#, 2),
            (#","error":{"code":1.5}"#, 2), (#","error":{"code":99999999999999999999}"#, 2),
            (#","error":"lost""#, 2), (#","error":{"code":null}"#, 2),
        ])
    func outcome(members: String, code: Int64) throws {
        #expect(try snapshot(#","done":true"# + members).outcomeCode == code)
    }

    @Test("a version's own creation time is not the operation's")
    func versionCreateTime() throws {
        let fields = ServiceProfile.mlV1.fields
        let old = #""version":{"createTime":"2020-01-01T00:00:00Z"}"#
        let both = #","metadata":{\#(old),"createTime":"\#(time(7))"}"#
        #expect(try snapshot(both, fields: fields).created == .at(time(7)))
        #expect(try snapshot(#","metadata":{\#(old)}"#, fields: fields).created == .absent)
    }

    @Test(
        "times as services write them",
        arguments: [
            ("2026-01-01T00:00:00.123456789Z", time(0, 123_456_789)),
            ("2026-01-01T05:00:00+05:00", time(0)), ("2026-01-01t00:00:00z", time(0)),
        ])
    func forms(text: String, expected: Timestamp) throws {
        let snapshot = try snapshot(#","metadata":{"createTime":"\#(text)"}"#)
        #expect(snapshot.created == .at(expected))
        #expect(snapshot.problem == nil)
    }

    @Test(
        "a time that cannot be is told with its reason",
        arguments: [
            ("soon", "creation time is not RFC 3339"),
            ("", "creation time is not RFC 3339"),
            ("2026-01-01T00:00:60Z", "creation time is not RFC 3339"),
            ("1970-01-01T00:00:00Z", "creation time 1970-01-01T00:00:00Z is before 2008"),
            (
                "2026-01-01T01:05:00.001Z",
                "creation time 2026-01-01T01:05:00.001Z is in the future of the server"
            ),
        ])
    func reasons(text: String, reason: String) throws {
        #expect(try snapshot(#","metadata":{"createTime":"\#(text)"}"#).problem == reason)
    }

    @Test("a creation time in the future is counted from by nobody, and tells one from another")
    func future() throws {
        let young = try snapshot(#","metadata":{"createTime":"2026-01-01T02:00:00Z"}"#)
        #expect(young.created.timestamp == nil)
        #expect(Remembered(since: time(0)).isRenewed(in: young))
        #expect(!Remembered(since: time(7_200)).isRenewed(in: young))
        #expect(Remembered(since: time(10_800)).isEarlier(in: young))
    }

    @Test(
        "times at the end of the years are compared without harm",
        arguments: [Timestamp.latest, .earliest])
    func endOfYears(now: Timestamp) throws {
        let snapshot = try snapshot(#","metadata":{"createTime":"9999-12-31T23:59:59Z"}"#, at: now)
        #expect((snapshot.problem == nil) == (now == .latest))
    }

    @Test("without metadata nothing is known")
    func noMetadata() throws {
        for members in ["", #","metadata":null"#, #","metadata":{}"#, #","metadata":7"#] {
            let snapshot = try snapshot(members)
            #expect(snapshot.created == .absent && snapshot.started == .absent)
            #expect(!snapshot.isCancelRequested && snapshot.progressHash == 0)
        }
    }

    @Test(
        "a cancel flag is true or a time; one of a form that nobody knows protects",
        arguments: [
            ("", false), (#""cancelRequested":false"#, false), (#""cancelRequested":null"#, false),
            (#""cancelRequested":"false""#, false), (#""cancelRequested":"""#, false),
            (#""cancelRequested":0"#, false), (#""cancelRequested":true"#, true),
            (#""cancelRequested":"true""#, true), (#""cancelRequested":1"#, true),
            (#""cancelRequested":{}"#, true), (#""cancelTime":"2026-01-01T00:00:00Z""#, true),
            (#""cancelRequested":false,"cancelTime":"x""#, true),
        ])
    func cancelFlag(metadata: String, isRequested: Bool) throws {
        let snapshot = try snapshot(#","metadata":{\#(metadata)}"#)
        #expect(snapshot.isCancelRequested == isRequested)
    }

    @Test("the progress hash changes with the update time and the progress, not with key order")
    func hashes() throws {
        let base = try snapshot(#","metadata":{"progress":{"a":1,"b":2},"updateTime":"x","c":3}"#)
        let same = try snapshot(
            #", "metadata" : {"c":3,"updateTime":"x","progress":{"b":2,"a":1}}"#)
        #expect(base.progressHash == same.progressHash && base.metadataHash == same.metadataHash)
        let other = try snapshot(#","metadata":{"progress":{"a":1,"b":2},"updateTime":"x","c":4}"#)
        #expect(base.progressHash == other.progressHash && base.metadataHash != other.metadataHash)
        let progress = try snapshot(
            #","metadata":{"progress":{"a":1,"b":3},"updateTime":"x","c":3}"#)
        #expect(base.progressHash != progress.progressHash)
        let swapped = try snapshot(#","metadata":{"progress":"x","updateTime":"y"}"#)
        let back = try snapshot(#","metadata":{"progress":"y","updateTime":"x"}"#)
        #expect(swapped.progressHash != back.progressHash)
    }

    @Test("what encoders write for no time counts as absent, for start, update and end")
    func unsetTimes() throws {
        let real = try snapshot(#","metadata":{"progress":7}"#)
        for unset in ["", "0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z"] {
            let text = "\"\(unset)\""
            let snapshot = try snapshot(
                #","metadata":{"startTime":\#(text),"endTime":\#(text),"updateTime":\#(text),"#
                    + #""progress":7,"cancelTime":\#(text)}"#)
            #expect(snapshot.started == .absent)
            #expect(snapshot.problem == nil)
            #expect(snapshot.progressHash == real.progressHash)
            #expect(!snapshot.isCancelRequested)
        }
        #expect(try snapshot(#","metadata":{"endTime":"2026-01-01T00:00:00Z"}"#).problem != nil)
    }

    @Test(
        "a state at the top that is over contradicts an operation that is not done",
        arguments: [
            ("DONE", true), ("done", true), ("SUCCEEDED", true), ("JOB_STATE_FAILED", true),
            ("STATUS_CANCELLED", true), ("RUNNING", false), ("PENDING", false),
            ("NOT_DONE", false), ("ABORTING", false), ("", false),
        ])
    func overAtTheTop(state: String, isOver: Bool) throws {
        for key in ["status", "state"] {
            #expect((try snapshot(#","\#(key)":"\#(state)""#).problem != nil) == isOver)
            let done = try snapshot(#","done":true,"\#(key)":"\#(state)""#)
            #expect(done.problem == nil)
        }
        #expect(try snapshot(#","endTime":"2026-01-01T00:00:00Z""#).problem != nil)
    }

    @Test(
        "an instant told in another precision is the same one, another instant is not",
        arguments: [
            (0, 123_456_789, true), (123_000_000, 123_456_789, true),
            (123_456_000, 123_456_789, true), (123_456_789, 123_456_789, true),
            (100_000_000, 123_456_789, false), (123_400_000, 123_456_789, false), (1, 2, false),
        ] as [(UInt32, UInt32, Bool)])
    func precision(coarse: UInt32, fine: UInt32, isSame: Bool) {
        #expect(time(7, coarse).isSame(as: time(7, fine)) == isSame)
        #expect(time(7, fine).isSame(as: time(7, coarse)) == isSame)
        #expect(!time(8, coarse).isSame(as: time(7, fine)))
    }
}
