import SeededRandom
import Testing

@testable import Simulation

@Suite("Seeds")
struct SeedTests {
    @Test("the same seed leads to the same trace, whatever else runs meanwhile")
    func deterministic() async {
        let range = SeedRange(first: 44, count: 6)
        let alone = await range.run(jobs: 1) { _ in }
        let beside = await range.run(jobs: 3) { _ in }
        #expect(alone.hash == beside.hash)
        #expect(alone.decisions == beside.decisions)
        #expect(alone.decisions > 10_000)
    }

    @Test("another seed leads to another trace")
    func different() {
        #expect(SimulatedRun(seed: 1).run().hash != SimulatedRun(seed: 2).run().hash)
    }

    @Test("a story names what was posted, told and found")
    func story() {
        let text = SeedStory(1).text
        #expect(text.contains("daemonStarted") && text.contains("finished"))
    }

    @Test("a run's steps can be left out one by one")
    func shorter() {
        var random = SplitMix(seed: 9)
        let plan = RunPlan.random(&random)
        let shorter = plan.without(Set(plan.steps.indices.dropFirst()))
        #expect(shorter.steps.count == min(1, plan.steps.count))
        #expect(shorter.end == plan.end)
        #expect(plan.healed(at: .seconds(60)).steps.allSatisfy { $0.at < .seconds(60) })
    }
}
