import Testing
import WireFormat

@testable import OpwatchCore

@Suite("The breaker of a service")
struct BreakerTests {
    private static let safety = Safety()

    private static func open(
        _ change: Breaker.Change?, at now: Timestamp
    ) -> WatchState.OpenBreaker? {
        guard case .open(let reason)? = change else { return nil }
        return WatchState.OpenBreaker(reason: reason, since: now)
    }

    private static func failed(_ count: Int = 3, _ breaker: inout Breaker) -> Breaker.Change? {
        var change: Breaker.Change?
        for _ in 0..<count {
            change = breaker.verdict(.refused, isUnimplemented: false, under: safety)
        }
        return change
    }

    @Test(
        "opens over the share and over the cancels of one poll, not at either",
        arguments: [
            (5, 5, false), (6, 6, true), (6, 11, true), (6, 12, false), (50, 100, false),
            (51, 100, true), (0, 0, false), (Int(Int32.max), 1, true),
        ])
    func share(cancellable: Int, live: Int, opens: Bool) {
        var breaker = Breaker()
        let change = breaker.poll(
            cancellable: cancellable, live: live, under: Self.safety, open: nil, at: time(0))
        #expect((change != nil) == opens)
    }

    @Test("its reason has the figures")
    func reason() {
        var breaker = Breaker()
        let share = breaker.poll(
            cancellable: 8, live: 10, under: Self.safety, open: nil, at: time(0))
        #expect(share == .open(reason: "8 of 10 live operations would be cancelled, limit 50%"))
        #expect(Self.failed(3, &breaker) == .open(reason: "refused or defied 3 in a row, limit 3"))
    }

    @Test("opened by the share it closes after three complete polls below, in a row")
    func closesWhenCalm() throws {
        var breaker = Breaker()
        func poll(_ cancellable: Int, _ open: WatchState.OpenBreaker?) -> Breaker.Change? {
            breaker.poll(
                cancellable: cancellable, live: 10, under: Self.safety, open: open, at: time(9_999))
        }
        let open = Self.open(poll(6, nil), at: time(0))
        #expect(try #require(open).kind == .share)
        let changes = [0, 0, 6, 5, 0].map { poll($0, open) }
        #expect(changes == [nil, nil, nil, nil, nil])
        #expect(poll(0, open) == .close)
    }

    @Test(
        "refused or defied three times in a row opens it",
        arguments: [
            ([Verdict.refused, .defied, .refused], true), ([.refused, .refused], false),
            ([.refused, .refused, .cancelled, .refused], false),
            ([.defied, .defied, .finishedAnyway, .defied, .defied], false),
            ([.refused, .refused, .failedOtherwise, .refused], false),
            ([.refused, .refused, .vanished, .refused], false),
            ([.refused, .cancelledByOther, .refused, .refused], true),
        ])
    func failedInARow(verdicts: [Verdict], opens: Bool) {
        var breaker = Breaker()
        let changes = verdicts.map {
            breaker.verdict($0, isUnimplemented: false, under: Self.safety)
        }
        #expect((changes.last != .some(nil)) == opens)
        #expect(changes.dropLast().allSatisfy { $0 == nil })
    }

    @Test("UNIMPLEMENTED is not counted, and 0 turns it off")
    func notCounted() {
        var breaker = Breaker()
        for _ in 0..<9 {
            #expect(breaker.verdict(.refused, isUnimplemented: true, under: Self.safety) == nil)
        }
        var off = Self.safety
        off.maxFailedCancels = 0
        for _ in 0..<9 {
            #expect(breaker.verdict(.refused, isUnimplemented: false, under: off) == nil)
        }
    }

    @Test("opened by failed cancels it closes after an hour, calm polls or not")
    func closesRested() throws {
        var breaker = Breaker()
        let open = try #require(Self.open(Self.failed(3, &breaker), at: time(0)))
        #expect(open.kind == .failedCancels)
        for now in [0, 60, 120, 180, 3_599] {
            let change = breaker.poll(
                cancellable: 0, live: 10, under: Self.safety, open: open, at: time(Int64(now)))
            #expect(change == nil)
        }
        let change = breaker.poll(
            cancellable: 9, live: 10, under: Self.safety, open: open, at: time(3_600))
        #expect(change == .close)
        #expect(Self.failed(2, &breaker) == nil)
        #expect(Self.failed(1, &breaker) != nil)
    }

    @Test("verdicts that came while it was open for its share open it again")
    func failedWhileOpen() throws {
        var breaker = Breaker()
        let share = WatchState.OpenBreaker(
            reason: BreakerCause.share(cancellable: 9, live: 10, limitPercent: 50).description,
            since: time(0))
        _ = Self.failed(3, &breaker)
        for _ in 0..<3 {
            _ = breaker.poll(cancellable: 0, live: 9, under: Self.safety, open: share, at: time(9))
        }
        let change = breaker.poll(
            cancellable: 0, live: 9, under: Self.safety, open: nil, at: time(10))
        #expect(Self.open(change, at: time(10))?.kind == .failedCancels)
    }

    @Test("after a restart it closes by the cause that the journal tells")
    func afterRestart() throws {
        var breaker = Breaker()
        var state = WatchState()
        let reason = BreakerCause.failedCancels(inARow: 3, limit: 3).description
        try state.apply(.breaker(service: "ml", opened: reason, at: time(0)))
        let open = try #require(state.breakers["ml"])
        for _ in 0..<9 {
            let change = breaker.poll(
                cancellable: 0, live: 0, under: Self.safety, open: open, at: time(3_599))
            #expect(change == nil)
        }
    }
}
