import OpwatchCore
import Testing
import WireFormat

@Suite("What has ended lately")
struct RecentEndsTests {
    private func state(after last: JournalRecord) throws -> WatchState {
        var state = WatchState()
        try state.apply(.seen(.of("a")))
        try state.apply(last)
        return state
    }

    @Test("an end that was seen is known, a 404 and a drop are none")
    func which() throws {
        let operation = OperationIdentity.named("a")
        let ended = try state(after: .finished(operation, code: 0))
        #expect(ended.ends.last?.operation == operation)
        #expect(ended.ends.last?.since == time(0))
        let other = JournalRecord.verdict(
            operation, nil, .cancelledByOther, late: false, at: time(9))
        #expect(try state(after: other).ends.count == 1)
        #expect(try state(after: .vanished(operation)).ends.count == 0)
        #expect(try state(after: .dropped(operation)).ends.count == 0)
    }

    @Test("the first of them go when there are more than a thousand")
    func bounded() throws {
        var state = WatchState()
        for number in 0..<1_002 {
            try state.apply(.seen(.of("\(number)")))
            try state.apply(.finished(.named("\(number)"), code: 0))
        }
        let names = Set(state.ends.all.map(\.operation.name))
        #expect(names.count == 1_000)
        #expect(state.ends.last?.operation == .named("1001"))
        #expect(!names.contains(OperationIdentity.named("0").name))
        #expect(!names.contains(OperationIdentity.named("1").name))
        #expect(names.contains(OperationIdentity.named("2").name))
    }
}
