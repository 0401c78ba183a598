import Foundation
import Glibc
import Testing

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
