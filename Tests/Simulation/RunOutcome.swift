/// What came of a run.
package struct RunOutcome: Sendable {
    /// What the judge found, in its words; empty for a run that is right.
    package let violations: [String]
    /// Of everything that was told and posted; the same for the same seed.
    package let hash: UInt64
    /// Operations that the daemon decided about.
    package let decisions: Int
    /// Faults that the services injected.
    package let faults: Int
    package let reached: Reached

    func with(violation: String) -> RunOutcome {
        RunOutcome(
            violations: violations + [violation], hash: hash, decisions: decisions,
            faults: faults, reached: reached)
    }
}
