import Testing
import WireFormat

@testable import OpwatchCore

@Suite("A service's first cancel")
struct CanaryTests {
    private static let first = OperationIdentity.named("a")
    private static let second = OperationIdentity.named("b")

    private static func out() -> Canary {
        var canary = Canary()
        canary.sent(first)
        return canary
    }

    @Test("goes alone until its verdict; its own further attempts may go")
    func alone() {
        #expect(!Canary().isOut(besides: Self.first))
        #expect(Self.out().isOut(besides: Self.second))
        #expect(!Self.out().isOut(besides: Self.first))
    }

    @Test("of several that were open at a start each has to end or be given up")
    func open() {
        let (other, late) = (Self.second, OperationIdentity.named("c"))
        var canary = Canary()
        canary.sent(Self.first)
        canary.sent(other)
        canary.failed(Self.first)
        #expect(canary.isOut(besides: late))
        #expect(!canary.isOut(besides: other))
        canary.failed(other)
        #expect(!canary.isOut(besides: late))
        canary.sent(Self.first)
        canary.sent(other)
        canary.proven(other, .cancelled)
        #expect(!canary.isOut(besides: late))
    }

    @Test(
        "a proven end lets all others go; refused and defied make the next in line the canary",
        arguments: [
            (Verdict.cancelled, true), (.finishedAnyway, true), (.failedOtherwise, true),
            (.vanished, true), (.refused, false), (.defied, false), (.cancelledByOther, false),
        ])
    func verdicts(verdict: Verdict, isProof: Bool) {
        var canary = Self.out()
        canary.proven(Self.first, verdict)
        #expect(!canary.isOut(besides: Self.second))
        canary.sent(Self.second)
        #expect(canary.isOut(besides: Self.first) == !isProof)
    }

    @Test("not sent or unproven: the next in line is the canary")
    func failed() {
        var canary = Self.out()
        canary.failed(Self.first)
        #expect(!canary.isOut(besides: Self.second))
        canary.sent(Self.second)
        #expect(canary.isOut(besides: Self.first))
    }

    @Test("what becomes of another operation says nothing of the canary")
    func others() {
        var canary = Self.out()
        canary.proven(Self.second, .cancelled)
        canary.failed(Self.second)
        #expect(canary.isOut(besides: Self.second))
    }

    @Test("of those that left after a proven one each is a canary, once a breaker closes")
    func afterProof() {
        let (other, late) = (Self.second, OperationIdentity.named("c"))
        var canary = Self.out()
        canary.proven(Self.first, .cancelled)
        canary.sent(Self.first)
        canary.sent(other)
        #expect(!canary.isOut(besides: late))
        canary.restart()
        canary.failed(Self.first)
        #expect(canary.isOut(besides: late))
        canary.proven(other, .cancelled)
        #expect(!canary.isOut(besides: late))
    }

    @Test("changed rules begin with a canary again, behind the one that is out")
    func restart() {
        var canary = Self.out()
        canary.restart()
        #expect(canary.isOut(besides: Self.second))
        canary.proven(Self.first, .cancelled)
        canary.restart()
        #expect(!canary.isOut(besides: Self.second))
        canary.sent(Self.second)
        #expect(canary.isOut(besides: Self.first))
    }
}

@Suite("The hourly budget")
struct SpentBudgetTests {
    private static func budget(_ seconds: [Int64]) -> SpentBudget {
        var budget = SpentBudget()
        for (index, at) in seconds.enumerated() {
            budget.add(IntentID(UInt64(index)), service: "ml", at: time(at))
        }
        return budget
    }

    @Test("a cancel counts for 60 minutes, and in the future", arguments: [(3_600, 2), (3_601, 1)])
    func window(now: Int64, count: Int) {
        #expect(Self.budget([0, 9_000]).count(at: time(now)) == count)
    }

    @Test("a withdrawn intent is given back")
    func giveBack() {
        var budget = Self.budget([0, 0, 0])
        budget.giveBack(IntentID(1))
        #expect(budget.count(at: time(0)) == 2)
    }

    @Test("what cannot count any more is dropped")
    func prune() {
        // By the clock of another service, ten minutes behind at most, it may still count.
        var budget = Self.budget([0, 1, 4_201])
        budget.prune(at: time(4_201))
        #expect(budget.entries.map(\.at) == [time(1), time(4_201)])
    }

    @Test("one server with a clock of the year 9999 does not empty it")
    func wildClock() {
        var budget = Self.budget([0, 60, 120])
        budget.prune(at: .latest)
        #expect(budget.count(at: time(180)) == 3)
        budget.prune(at: .earliest)
        #expect(budget.count(at: time(180)) == 3)
    }
}
