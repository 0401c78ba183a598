import Glibc
import SeededRandom

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
        let start = ContinuousClock.now
        var ledger = try settle(under: policy)
        // A cancel that a rule stands in the way of since then is told, and goes on without it.
        if operations.keys.contains(where: { isHeldBack($0, ledger, policy) }) {
            ledger = try settle(under: policy.protectingNothingFrozen)
        }
        tally.longestCalm = max(tally.longestCalm, start.duration(to: .now))
        tally.restKiB.append(residentKiB)
        judge(ledger)
        clear()
    }

    /// Puts the policy in force and waits until every state has ended that can under it.
    private func settle(under policy: SoakPolicy) throws -> SoakLedger {
        try reload(policy)
        let start = ContinuousClock.now
        var ledger = try readLedger()
        let bounds = bounds(ledger, policy)
        while true {
            let waited = start.duration(to: .now)
            let waiting = bounds.filter { name, _ in
                !isSettled(name, ledger) && !(isHeldBack(name, ledger, policy) && isWaitTold(name))
            }
            if waiting.isEmpty { return ledger }
            let late = waiting.filter { waited > $0.value }
            if !late.isEmpty {
                for (name, bound) in late {
                    fail("not ended within \(bound.components.seconds) s of calm", name)
                }
                return ledger
            }
            try runOn(for: .seconds(1))
            ledger = try readLedger()
        }
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
