import OpwatchCore
import Testing
import WireFormat

@Suite("What clocks show, and for whom they run")
struct ClockTests {
    private static let all = Timeouts(
        total: .seconds(1_000), queued: .seconds(100), running: .seconds(200))

    private func due(
        _ timeouts: Timeouts, _ json: String, _ remembered: Remembered? = nil, at seconds: Int64,
        fields: FieldMap = World.allClocks
    ) throws -> Due? {
        let world = try World([.cancel(timeouts)], fields: fields)
        switch try world.decide(json, remembered, at: time(seconds)) {
        case .cancel(let due), .keep(.notYet(let due)): return due
        default: return nil
        }
    }

    @Test("the earliest deadline decides, and before the start that is the queue's")
    func queued() throws {
        let queued = try due(Self.all, created(0), at: 50)
        #expect(queued?.clock == .queued)
        #expect(queued?.deadline == time(100))
    }

    @Test("once started the queue's clock is gone and the running one counts from the start")
    func running() throws {
        let json = created(0, "a", #""startTime":"\#(time(30))""#)
        let running = try due(Self.all, json, at: 131)
        #expect(running?.clock == .running)
        #expect(running?.age == .seconds(101))
        #expect(running?.deadline == time(230))
    }

    @Test("of equal deadlines the first of total, queued, running, stalled decides")
    func equalDeadlines() throws {
        let equal = Timeouts(total: .seconds(100), queued: .seconds(100))
        #expect(try due(equal, created(0), at: 500)?.clock == .total)
        let started = created(0, "a", #""startTime":"\#(time(0))""#)
        let also = Timeouts(total: .seconds(100), running: .seconds(100))
        #expect(try due(also, started, at: 500)?.clock == .total)
    }

    @Test("queued and running exist only where a start field is named")
    func noStartField() throws {
        let fields = FieldMap(createTime: FieldMap.paths("metadata.createTime"))
        let only = Timeouts(queued: .seconds(100), running: .seconds(100))
        let json = created(0, "a", #""startTime":"\#(time(0))""#)
        #expect(try due(only, json, at: 500, fields: fields) == nil)
        #expect(try due(only, created(0), at: 500, fields: fields) == nil)
    }

    @Test(
        "a time that cannot be gives no clock, and no other field stands in",
        arguments: [
            #""createTime":"yesterday","requestTime":"2026-01-01T00:00:00Z""#,
            #""createTime":"2007-12-31T23:59:59Z""#, #""createTime":"1970-01-01T00:00:00Z""#,
            #""createTime":"2026-01-01T01:05:01Z""#, #""createTime":1767225600"#,
            #""createTime":"2026-01-01T00:00:00Z","startTime":"soon""#,
            #""createTime":"2026-01-01T00:00:00Z","startTime":"9999-12-31T23:59:59Z""#,
        ])
    func unusable(metadata: String) throws {
        var fields = World.allClocks
        fields.createTime = FieldMap.usualCreateTime
        let world = try World([.cancel(Self.all)], fields: fields)
        for hasCreation in [false, true] {
            let remembered = Remembered(since: time(0), hasCreation: hasCreation)
            let decision = try world.decide(
                OpwatchCoreTests.running("a", metadata), remembered, at: time(3_600))
            guard case .keep(.unusable) = decision else {
                Issue.record("\(metadata): \(decision)")
                continue
            }
        }
    }

    @Test(
        "the years from 2008 to five minutes ahead of the server are usable",
        arguments: ["2008-01-01T00:00:00Z", "2026-01-01T01:05:00Z"])
    func usable(text: String) throws {
        let json = OpwatchCoreTests.running("a", #""createTime":"\#(text)""#)
        #expect(try due(Timeouts(total: .seconds(1)), json, at: 3_600) != nil)
    }

    @Test("without a creation field the total clock counts from first seen")
    func firstSeen() throws {
        let timeouts = Timeouts(total: .seconds(100))
        let remembered = Remembered(since: time(10), hasCreation: false)
        #expect(try due(timeouts, OpwatchCoreTests.running(), at: 50) == nil)
        let due = try due(timeouts, OpwatchCoreTests.running(), remembered, at: 50)
        #expect(due?.age == .seconds(40))
        #expect(due?.deadline == time(110))
    }

    @Test("a creation time that was there and is missing now stops the clock")
    func creationMissing() throws {
        let remembered = Remembered(since: time(0), hasCreation: true)
        let world = try World([.cancel(Timeouts(total: .seconds(100)))])
        let decision = try world.decide(
            OpwatchCoreTests.running(), remembered, at: time(9_999))
        #expect(decision == .keep(.noClock))
    }

    @Test("the first creation field that is present decides")
    func order() throws {
        var fields = World.allClocks
        fields.createTime = FieldMap.usualCreateTime
        let json = OpwatchCoreTests.running(
            "a", #""requestTime":"\#(time(7))","insertTime":"\#(time(5))","createTime":null"#)
        let due = try due(Timeouts(total: .seconds(100)), json, at: 50, fields: fields)
        #expect(due?.age == .seconds(45))
    }
}
