/// Seeds that are run one after another, several at a time.
package struct SeedRange: Sendable {
    package let first: UInt64
    package let count: Int
    /// Whether each is run a second time, to leave the same trace.
    package let isTwice: Bool

    /// `count` seeds from `first` on.
    package init(first: UInt64, count: Int, isTwice: Bool = false) {
        self.first = first
        self.count = count
        self.isTwice = isTwice
    }

    /// What came of all of them.
    package struct Summary: Sendable {
        package fileprivate(set) var seeds = 0
        package fileprivate(set) var decisions = 0
        package fileprivate(set) var faults = 0
        /// Seeds that went wrong, with the first thing that was.
        package fileprivate(set) var failures: [(seed: UInt64, what: String)] = []
        package fileprivate(set) var reached = Reached()
        /// Of all hashes, in the order of the seeds.
        package fileprivate(set) var hash: UInt64 = 0

        package var isRight: Bool { failures.isEmpty }

        package var line: String {
            "\(seeds) seeds, \(decisions) decisions, \(faults) faults, "
                + "\(reached["post"]) cancels sent, \(failures.count) failed, trace "
                + String(hash, radix: 16)
        }

        /// What was reached, and how often.
        package var table: String {
            reached.all.map { "\($0.what) \($0.count)" }.joined(separator: "\n")
        }

        fileprivate mutating func take(_ seed: UInt64, _ outcome: RunOutcome) {
            seeds += 1
            decisions += outcome.decisions
            faults += outcome.faults
            reached.merge(outcome.reached)
            // Order does not matter, since seeds end in any.
            hash &+= (outcome.hash ^ seed) &* 0x9E37_79B9_7F4A_7C15
            if let first = outcome.violations.first { failures.append((seed, first)) }
        }
    }

    private static func outcome(of seed: UInt64, _ isTwice: Bool) -> RunOutcome {
        let outcome = SimulatedRun(seed: seed).run()
        guard isTwice, SimulatedRun(seed: seed).run().hash != outcome.hash else { return outcome }
        return outcome.with(violation: "two runs of it left different traces")
    }

    /// - Parameter tell: takes a line for each seed that went wrong, as soon as it is known.
    /// - Parameter untilFailure: whether no seed begins after one that went wrong.
    package func run(
        jobs: Int, untilFailure: Bool = false, tell: (String) -> Void
    ) async -> Summary {
        var summary = Summary()
        await withTaskGroup(of: (UInt64, RunOutcome).self) { group in
            var next = first
            let end = first + UInt64(count)
            func add() {
                guard next < end, !(untilFailure && !summary.isRight) else { return }
                let seed = next
                next += 1
                group.addTask { [isTwice] in (seed, Self.outcome(of: seed, isTwice)) }
            }
            for _ in 0..<max(1, jobs) { add() }
            while let (seed, outcome) = await group.next() {
                summary.take(seed, outcome)
                if let first = outcome.violations.first { tell("seed \(seed): \(first)") }
                add()
            }
        }
        summary.failures.sort { $0.seed < $1.seed }
        return summary
    }
}
