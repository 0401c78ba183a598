import Foundation
import Glibc
import SeededRandom
import Testing
import WireFormat

@Suite(
    "A daemon with all faults on", .serialized, .enabled(if: Soak.minutes != nil, "see make soak"))
struct SoakTests {
    /// Of a round, before its calm.
    private static let stormMax = Duration.seconds(240)
    private static let residentMaxKiB = 128 << 10
    /// Between the rounds of one process: what the largest answers leave to the allocator, once.
    private static let growthMaxKiB = 32 << 10

    @Test("sends no cancel that must not leave, and ends every state within its bound")
    func soak() async throws {
        let length = Duration.seconds(60 * (Soak.minutes ?? 0))
        let given = ProcessInfo.processInfo.environment["SOAK_SEED"].flatMap { UInt64($0) }
        let seed = given ?? .random(in: 0 ... .max)
        print("soak of \(length), SOAK_SEED=\(seed)")
        try await Soak.run(seed: seed) { soak in
            let start = ContinuousClock.now
            var survivors: [Int] = []
            while start.duration(to: .now) < length - .seconds(30) {
                let rest = length - start.duration(to: .now)
                // In the last part the process lives on, so that its memory can be compared.
                let restarts = rest > length * 0.4
                try soak.storm(for: min(Self.stormMax, length / 3, rest), restarts: restarts)
                try soak.calm()
                if !restarts { survivors.append(soak.residentKiB) }
                print(soak.summary(after: start.duration(to: .now)))
            }
            try soak.stop(by: SIGTERM)
            #expect(soak.tally.largestKiB < Self.residentMaxKiB)
            if let first = survivors.first, let last = survivors.last {
                #expect(last - first < Self.growthMaxKiB, "resident KiB: \(survivors)")
            }
            #expect(soak.requests.postCount > 0)
            #expect(soak.failureCount == 0)
        }
    }
}

extension Soak {
    /// Operations begin, and everything goes wrong.
    func storm(for time: Duration, restarts: Bool) throws {
        let end = ContinuousClock.now.advanced(by: time)
        var next = ContinuousClock.now
        while ContinuousClock.now < end {
            if random.once(in: 16) { begin() }
            if random.once(in: 5) { strike() }
            if ContinuousClock.now >= next {
                try disturb(restarts: restarts)
                next = .now.advanced(by: .milliseconds(3_000 + random.below(12_000)))
            }
            try runOn()
        }
    }

    private func disturb(restarts: Bool) throws {
        switch random.below(restarts ? 10 : 7) {
        case 0...3: try reload(SoakPolicy(&random))
        case 4: try mend()
        case 5...6: try spoilPolicy()
        case 7: try restart(by: SIGTERM)
        default: try restart(by: SIGKILL)
        }
    }

    /// Faults end; now everything that can end does, within its bound, and all is judged.
    func calm() throws {
        undoFaults(all: true)
        write("token-calm", to: "token")
        let policy = SoakPolicy.calm(&random)
        try reload(policy)
        let start = ContinuousClock.now
        var ledger = try readLedger()
        let bounds = bounds(ledger, policy)
        while true {
            let waited = start.duration(to: .now)
            let waiting = bounds.filter { !isSettled($0.key, ledger) }
            if waiting.isEmpty { break }
            let late = waiting.filter { waited > $0.value }
            if !late.isEmpty {
                for (name, bound) in late {
                    fail("not ended within \(bound.components.seconds) s of calm", name)
                }
                break
            }
            try runOn(for: .seconds(1))
            ledger = try readLedger()
        }
        tally.longestCalm = max(tally.longestCalm, start.duration(to: .now))
        tally.restKiB.append(residentKiB)
        judge(ledger)
        clear()
    }

    func summary(after time: Duration) -> String {
        let verdicts = tally.verdicts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        return """
            \(time.components.seconds) s: \(tally.operations) operations, \
            \(requests.count) requests, \(requests.postCount) cancels \
            (\(verdicts.joined(separator: ", "))), \(tally.strikes) faults, \
            \(tally.stops) stops (\(tally.kills) kills), \(tally.reloads) reloads, \
            \(tally.refusals) refused; longest calm \(tally.longestCalm.components.seconds) s; \
            resident \(tally.restKiB) KiB, at most \(tally.largestKiB); \(failureCount) failures
            """
    }
}
