/// Seeds that are run one after another, several at a time.
package struct SeedRange: Sendable {
    package let first: UInt64
    package let count: Int

    package init(first: UInt64, count: Int) {
        self.first = first
        self.count = count
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

    /// - Parameter tell: takes a line for each seed that went wrong, as soon as it is known.
    package func run(jobs: Int, tell: (String) -> Void) async -> Summary {
        var summary = Summary()
        await withTaskGroup(of: (UInt64, RunOutcome).self) { group in
            var next = first
            let end = first + UInt64(count)
            func add() {
                guard next < end else { return }
                let seed = next
                next += 1
                group.addTask { (seed, SimulatedRun(seed: seed).run()) }
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
