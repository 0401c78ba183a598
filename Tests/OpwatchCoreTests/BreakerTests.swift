import Testing
import WireFormat

@testable import OpwatchCore

@Suite("The breaker of a service")
struct BreakerTests {
    private static let safety = Safety()

    private static func open(
        _ change: Breaker.Change?, at now: Timestamp
    ) -> WatchState.OpenBreaker? {
        guard case .open(let cause)? = change else { return nil }
        return WatchState.OpenBreaker(cause: cause, since: now)
    }

    private static let start = ContinuousClock.now

    private static func after(_ seconds: Int64) -> ContinuousClock.Instant {
        start.advanced(by: .seconds(seconds))
    }

    private static func picture(
        _ cancellable: Int, of live: Int, endsRound: Bool = true, failed: Int = 0
    ) -> Breaker.Picture {
        Breaker.Picture(
            cancellable: cancellable, live: live, endsRound: endsRound, failedCancels: failed)
    }

    @Test(
        "opens over the share and over the cancels of one poll, not at either",
        arguments: [
            (5, 5, false), (6, 6, true), (6, 11, true), (6, 12, false), (50, 100, false),
            (51, 100, true), (0, 0, false), (Int(Int32.max), 1, true),
        ])
    func share(cancellable: Int, live: Int, opens: Bool) {
        var breaker = Breaker(at: Self.start)
        let change = breaker.poll(
            Self.picture(cancellable, of: live), under: Self.safety, open: nil, at: Self.start)
        #expect((change != nil) == opens)
    }

    @Test("its reason has the figures")
    func reason() {
        var breaker = Breaker(at: Self.start)
        let share = breaker.poll(
            Self.picture(8, of: 10), under: Self.safety, open: nil, at: Self.start)
        let words = "8 of 10 live operations would be cancelled, limit 50%"
        #expect(share == .open(BreakerCause(.share, words: words)))
        let failed = breaker.failed(3, under: Self.safety, at: Self.start)
        #expect(
            failed
                == .open(
                    BreakerCause(.failedCancels, words: "refused or defied 3 in a row, limit 3")))
    }

    @Test("opened by the share it closes after three rounds of all parents below it, in a row")
    func closesWhenCalm() throws {
        var breaker = Breaker(at: Self.start)
        func poll(
            _ cancellable: Int, endsRound: Bool = true, _ open: WatchState.OpenBreaker?
        ) -> Breaker.Change? {
            breaker.poll(
                Self.picture(cancellable, of: 10, endsRound: endsRound), under: Self.safety,
                open: open, at: Self.start)
        }
        let open = Self.open(poll(6, nil), at: time(0))
        #expect(try #require(open).cause.kind == .share)
        let changes = [0, 0, 6, 5, 0].map { poll($0, open) }
        #expect(changes == [nil, nil, nil, nil, nil])
        for _ in 0..<9 { #expect(poll(0, endsRound: false, open) == nil) }
        #expect(poll(0, open) == .close)
    }

    @Test("so many refused or defied in a row open it, and 0 turns that off")
    func failedInARow() {
        var breaker = Breaker(at: Self.start)
        #expect(breaker.failed(2, under: Self.safety, at: Self.start) == nil)
        #expect(breaker.failed(3, under: Self.safety, at: Self.start) != nil)
        var off = Self.safety
        off.maxFailedCancels = 0
        #expect(breaker.failed(9, under: off, at: Self.start) == nil)
    }

    @Test(
        "opened by failed cancels it closes after an hour of ours, unless the share is over"
    )
    func closesRested() throws {
        var breaker = Breaker(at: Self.start)
        let change = breaker.failed(3, under: Self.safety, at: Self.after(100))
        let open = try #require(Self.open(change, at: time(0)))
        #expect(open.cause.kind == .failedCancels)
        for (now, cancellable, closes) in [
            (100, 0, false), (3_600, 0, false), (3_699, 0, false), (3_700, 9, false),
            (3_700, 5, true),
        ] {
            let change = breaker.poll(
                Self.picture(cancellable, of: 10, endsRound: false, failed: 3),
                under: Self.safety, open: open, at: Self.after(Int64(now)))
            #expect((change == .close) == closes)
        }
    }

    @Test("where the journal does not say what opened it, the hour has to pass")
    func unknownCause() {
        var breaker = Breaker(at: Self.start)
        let open = WatchState.OpenBreaker(cause: BreakerCause(nil, words: "x"), since: time(0))
        for (now, closes) in [(0, false), (3_599, false), (3_600, true)] {
            let change = breaker.poll(
                Self.picture(0, of: 10), under: Self.safety, open: open, at: Self.after(Int64(now)))
            #expect((change == .close) == closes)
        }
    }

    @Test("verdicts that came while it was open for its share open it again")
    func failedWhileOpen() throws {
        var breaker = Breaker(at: Self.start)
        let change = breaker.poll(
            Self.picture(0, of: 9, failed: 3), under: Self.safety, open: nil, at: Self.start)
        #expect(Self.open(change, at: time(10))?.cause.kind == .failedCancels)
    }

    @Test("after a restart it closes by the cause that the journal tells, and its hour begins anew")
    func afterRestart() throws {
        var breaker = Breaker(at: Self.start)
        var state = WatchState()
        let cause = BreakerCause.failedCancels(inARow: 3, limit: 3)
        try state.apply(.breaker(service: "ml", opened: cause, at: time(-9_000)))
        let open = try #require(state.breakers["ml"])
        for (now, closes) in [(0, false), (3_599, false), (3_600, true)] {
            let change = breaker.poll(
                Self.picture(0, of: 0), under: Self.safety, open: open, at: Self.after(Int64(now)))
            #expect((change == .close) == closes)
        }
    }
}
