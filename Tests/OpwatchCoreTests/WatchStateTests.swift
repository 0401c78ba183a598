import Testing
import WireFormat

@testable import OpwatchCore

@Suite("The fold of the journal's records")
struct WatchStateTests {
    private static func state(_ records: [JournalRecord]) throws -> WatchState {
        var state = WatchState()
        for record in records { try state.apply(record) }
        return state
    }

    private static func history(_ records: [JournalRecord]) throws -> CancelHistory? {
        let state = try state([.seen(.of("a"))] + records)
        return state.find(.named("a")).flatMap { state.cancel($0) }
    }

    private static let one = IntentID(1)
    private static let two = IntentID(2)
    private static let asked = JournalRecord.asked(one, http: 200, status: "OK")

    private static func verdict(
        _ verdict: Verdict, _ id: IntentID? = one, late: Bool = false
    ) -> JournalRecord {
        .verdict(.named("a"), id, verdict, late: late, at: time(0))
    }

    @Test(
        "an attempt's state after each record",
        arguments: [
            ([.intent(.number(1))], CancelHistory.State.recorded, 0),
            ([.intent(.number(1)), .withdrawn(one, reason: "")], .withdrawn, 0),
            ([.intent(.number(1)), asked], .answered(.accepted), 1),
            (
                [.intent(.number(1)), .asked(one, http: 503, status: "UNAVAILABLE")],
                .answered(.unanswered), 0
            ),
            (
                [.intent(.number(1)), .asked(one, http: 400, status: "FAILED_PRECONDITION")],
                .answered(.refused(.passing)), 0
            ),
            (
                [
                    .intent(.number(1)), asked, .intent(.number(2, attempt: 2)),
                    .asked(two, http: 501, status: "UNIMPLEMENTED"),
                ],
                .answered(.accepted), 2
            ),
            (
                [.intent(.number(1)), asked, .intent(.number(2, attempt: 2))],
                .recorded, 1
            ),
            (
                [.intent(.number(1)), asked, verdict(.defied)],
                .ended(.defied, at: time(0)), 1
            ),
        ] as [([JournalRecord], CancelHistory.State, Int)])
    func attempts(records: [JournalRecord], state: CancelHistory.State, accepted: Int) throws {
        let history = try #require(try Self.history(records))
        #expect(history.state == state)
        #expect(history.accepted == accepted)
    }

    @Test(
        "an end lets the operation go",
        arguments: [
            .finished(.named("a"), code: 0), .vanished(.named("a")), .dropped(.named("a")),
            verdict(.cancelledByOther, nil),
        ] as [JournalRecord])
    func ends(record: JournalRecord) throws {
        let state = try Self.state([.seen(.of("a")), record])
        #expect(state.operationCount == 0)
    }

    @Test(
        "a verdict ends the attempt, but refused and defied are remembered until the real end",
        arguments: Verdict.allCases)
    func verdicts(verdict: Verdict) throws {
        let state = try Self.state([
            .seen(.of("a")), .intent(.number(1)),
            verdict == .refused
                ? .asked(Self.one, http: 400, status: "FAILED_PRECONDITION") : Self.asked,
            Self.verdict(verdict),
        ])
        #expect(state.operationCount == (verdict.leavesRunning ? 1 : 0))
        #expect(state.openCancels.isEmpty)
        guard verdict.leavesRunning else { return }
        var later = state
        try later.apply(Self.verdict(.finishedAnyway, late: true))
        #expect(later.operationCount == 0)
    }

    @Test(
        "a record that cannot follow is refused and changes nothing",
        arguments: [
            [.warned(JournalRecord.Warned.of("a"))], [.unlisted(.named("a"))],
            [.finished(.named("a"), code: 0)], [.intent(.number(1))],
            [.seen(.of("a")), .seen(.of("a"))],
            [.seen(.of("a")), asked], [.seen(.of("a")), .withdrawn(one, reason: "")],
            [.seen(.of("a")), .intent(.number(1, attempt: 0))],
            [.seen(.of("a")), .intent(.number(1)), .intent(.number(1))],
            [.seen(.of("a")), .intent(.number(1)), asked, asked],
            [.seen(.of("a")), .intent(.number(1)), asked, .withdrawn(one, reason: "")],
            [.seen(.of("a")), .intent(.number(1)), .intent(.number(2)), asked],
            [.seen(.of("a")), verdict(.refused)], [.seen(.of("a")), verdict(.cancelled)],
            [.seen(.of("a")), verdict(.cancelled, nil)],
            [.seen(.of("a")), .intent(.number(1)), verdict(.cancelled, two)],
            [.seen(.of("a")), .intent(.number(1)), verdict(.cancelled, late: true)],
            [
                .seen(.of("a")), .intent(.number(1)),
                .asked(one, http: 403, status: "PERMISSION_DENIED"), verdict(.refused),
            ],
            [
                .seen(.of("a")), .intent(.number(1)),
                .asked(one, http: 403, status: "PERMISSION_DENIED"), verdict(.defied),
            ],
            [.seen(.of("a")), .intent(.number(1)), .withdrawn(one, reason: ""), verdict(.refused)],
            [.seen(.of("a")), .intent(.number(1)), asked, verdict(.defied), .intent(.number(2))],
            [.seen(.of("a")), .intent(.number(1)), asked, verdict(.defied), verdict(.cancelled)],
            [
                .seen(.of("a")), .intent(.number(1)), asked, verdict(.defied),
                verdict(.defied, late: true),
            ],
        ] as [[JournalRecord]])
    func illegal(records: [JournalRecord]) throws {
        var state = try Self.state(records.dropLast())
        let before = DurableView(state)
        let last = try #require(records.last)
        #expect(throws: WatchState.IllegalTransition.self) { try state.apply(last) }
        #expect(DurableView(state) == before)
    }

    @Test("the budget counts intents but withdrawn ones, also those of operations that are gone")
    func budget() throws {
        let records: [JournalRecord] = [
            .seen(.of("a")), .seen(.of("b")), .intent(.number(1)), .intent(.number(2, "b")),
            .withdrawn(Self.two, reason: ""), Self.asked, Self.verdict(.cancelled),
        ]
        let state = try Self.state(records)
        #expect(state.spent.count(at: time(100)) == 1)
        #expect(state.spent.count(at: time(3_701)) == 0)
    }

    @Test("UNIMPLEMENTED is remembered for seven days, for its collection and type only")
    func unsupported() throws {
        let collection = "projects/acme/operations"
        let state = try Self.state([
            .unsupported(.ml, collection: collection, type: "restore", at: time(0))
        ])
        let week: Int64 = 7 * 86_400
        func until(
            _ operation: OperationIdentity, _ type: String = "restore", _ now: Int64 = 0
        ) -> Timestamp? {
            state.unsupported.until(operation, type: type, at: time(now))
        }
        #expect(until(.named("x"), "restore", week - 1) == time(week))
        #expect(until(.named("x"), "restore", week) == nil)
        // Written by a clock that was ahead, up to which it would hold.
        #expect(until(.named("x"), "restore", -300) == time(week))
        #expect(until(.named("x"), "restore", -301) == nil)
        #expect(until(.named("x"), "backup") == nil)
        #expect(until(.named("x"), "") == nil)
        #expect(
            until(OperationIdentity(endpoint: .ml, name: "projects/other/operations/x")) == nil)
        #expect(until(.named("x", Endpoint("https://other.example"))) == nil)
    }

    @Test("a line of an earlier version speaks for all types of its collection")
    func unsupportedWithoutType() throws {
        let state = try Self.state([
            .unsupported(.ml, collection: "projects/acme/operations", type: nil, at: time(0))
        ])
        for type in ["", "restore"] {
            let until = state.unsupported.until(.named("x"), type: type, at: time(1))
            #expect(until == time(7 * 86_400))
        }
    }

    @Test(
        "cancels refused or defied in a row are counted by service until one was taken",
        arguments: [
            ([(Verdict.refused, 400, "INVALID_ARGUMENT"), (.defied, 200, "OK")], 2),
            ([(.refused, 501, "UNIMPLEMENTED")], 0),
            ([(.refused, 404, "NOT_FOUND"), (.cancelled, 200, "OK")], 0),
            ([(.refused, 404, "NOT_FOUND"), (.vanished, 200, "OK")], 0),
            ([(.defied, 200, "OK"), (.finishedAnyway, 200, "OK"), (.defied, 200, "OK")], 1),
        ] as [([(Verdict, Int, String)], Int)])
    func failedInARow(ends: [(Verdict, Int, String)], count: Int) throws {
        var records: [JournalRecord] = []
        for (number, (verdict, http, status)) in zip(UInt64(1)..., ends) {
            let id = IntentID(number)
            records += [
                .seen(.of("\(number)")), .intent(.number(number, "\(number)")),
                .asked(id, http: http, status: status),
                .verdict(.named("\(number)"), id, verdict, late: false, at: time(9)),
            ]
        }
        let state = try Self.state(records)
        #expect(state.failedCancels["ml"] ?? 0 == count)
        let again = try Self.state(Array(state.checkpoint()))
        #expect(again.failedCancels == state.failedCancels)
    }

    @Test("a breaker that failed cancels opened ends their row as it closes, another does not")
    func rowEnds() throws {
        for (cause, left) in [
            (BreakerCause.failedCancels(inARow: 3, limit: 3), 0),
            (.share(cancellable: 9, live: 9, limitPercent: 50), 3),
        ] {
            let state = try Self.state([
                .failedCancels(service: "ml", count: 3),
                .breaker(service: "ml", opened: cause, at: time(0)),
                .breaker(service: "ml", opened: nil, at: time(9)),
            ])
            #expect(state.failedCancels["ml"] ?? 0 == left)
        }
    }

    @Test(
        "a definite refusal costs no budget, a request without an answer does",
        arguments: [
            (400, "FAILED_PRECONDITION", 0), (501, "UNIMPLEMENTED", 0),
            (503, "UNAVAILABLE", 1), (200, "OK", 1), (403, "PERMISSION_DENIED", 1),
        ])
    func refusedIsFree(http: Int, status: String, spent: Int) throws {
        let state = try Self.state([
            .seen(.of("a")), .intent(.number(1)), .asked(Self.one, http: http, status: status),
        ])
        #expect(state.spent.count(at: time(100)) == spent)
    }

    @Test("what an earlier version called refused behind an unanswered attempt can still be read")
    func refusedBehindUnanswered() throws {
        let state = try Self.state([
            .seen(.of("a")), .intent(.number(1)),
            .asked(Self.one, http: 503, status: "UNAVAILABLE"), .intent(.number(2)),
            .asked(Self.two, http: 400, status: "FAILED_PRECONDITION"),
            Self.verdict(.refused, Self.two),
        ])
        let again = try Self.state(Array(state.checkpoint()))
        #expect(DurableView(again) == DurableView(state))
        #expect(state.openCancels.isEmpty)
    }

    @Test("what may have arrived is told by every later intent, also where that does not say so")
    func mayHaveArrived() throws {
        let unanswered = JournalRecord.asked(Self.one, http: 503, status: "UNAVAILABLE")
        for first in [[JournalRecord.intent(.number(1)), unanswered], [.intent(.number(1))]] {
            let history = try #require(
                try Self.history(
                    first + [
                        .intent(.number(2)), .withdrawn(Self.two, reason: ""),
                        .intent(.number(3)), .withdrawn(IntentID(3), reason: ""),
                    ]))
            #expect(history.mayBeTaken)
            #expect(history.isOpen)
            #expect(history.verdict(code: 1) == .cancelled)
        }
        let sent = try #require(
            try Self.history([.intent(.number(1)), .withdrawn(Self.one, reason: "")]))
        #expect(!sent.mayBeTaken)
        #expect(sent.verdict(code: 1) == .cancelledByOther)
    }

    @Test("the same name under two endpoints is two operations")
    func endpoints() throws {
        var elsewhere = JournalRecord.Seen.of("a")
        elsewhere.partition = Partition(
            service: "x", endpoint: Endpoint("https://other.example"), parent: "projects/acme")
        let state = try Self.state([.seen(.of("a")), .seen(elsewhere)])
        #expect(state.operationCount == 2)
        let found = try #require(state.find(.named("a", elsewhere.partition.endpoint)))
        #expect(state.partition(found) == elsewhere.partition)
    }

    @Test("deferred is told once, until an intent")
    func deferred() throws {
        var state = try Self.state([.seen(.of("a")), .deferred(.named("a"), reason: "cap")])
        let ref = try #require(state.find(.named("a")))
        #expect(state.tables[ref.table].flags(ref.slot).contains(.deferred))
        try state.apply(.intent(.number(1)))
        #expect(!state.tables[ref.table].flags(ref.slot).contains(.deferred))
    }

    @Test("looking something up copies no table")
    func noCopies() throws {
        var state = WatchState()
        for index in 0..<10_000 { try state.apply(.seen(.of("\(index)"))) }
        let memory = PollMemory()
        let ref = try #require(state.find(.named("5000")))
        let clock = ContinuousClock()
        let took = clock.measure {
            for _ in 0..<10_000 {
                _ = state.remembered(ref, memory: memory, mayRetryCancel: false)
                _ = state.find(.named("5000"))
            }
        }
        // A copy of the table takes a hundred microseconds, so this would take seconds.
        #expect(took < .seconds(1))
    }
}

extension JournalRecord.Warned {
    static func of(_ id: String, at seconds: Int64 = 0, mode: Mode = .enforce) -> Self {
        JournalRecord.Warned(
            operation: .named(id), rule: "slow", clock: .total, deadline: time(60),
            age: .seconds(seconds), timeout: .seconds(60), at: time(seconds), mode: mode)
    }
}
