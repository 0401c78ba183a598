import OpwatchCore
import SeededRandom
import Testing
import WireFormat

@testable import Simulation

@Suite("A simulated service")
struct SimulatedServiceTests {
    @Test("the same seed gives the same bytes")
    func repeats() {
        for seed in 0..<20 as Range<UInt64> {
            #expect(transcript(seed) == transcript(seed), "seed \(seed)")
        }
        #expect(transcript(1) != transcript(2))
    }

    private func transcript(_ seed: UInt64) -> String {
        var random = SplitMix(seed: seed)
        var script = ServiceScript(seed: seed, plan: .random(&random))
        script.run(polls: 20)
        script.service.heal(at: script.now)
        script.run(polls: 10)
        return script.transcript + script.service.counts.description
    }

    @Test("without faults every answer is the truth", arguments: 0..<40 as Range<UInt64>)
    func truth(seed: UInt64) throws {
        var script = ServiceScript(seed: seed, plan: .none)
        script.wait(.zero)
        for _ in 0..<40 {
            script.wait(script.random.seconds(1...900))
            for parent in script.parents {
                let walk = script.walk(parent, pageSize: 4)
                let replies = try #require(walk)
                let rows = replies.flatMap { $0.page?.shown ?? [] }
                try check(rows, in: parent, script)
                for reply in replies {
                    #expect(reply.date?.seconds == script.now.seconds)
                    #expect(reply.delay >= .milliseconds(1) && reply.delay < .seconds(1))
                }
                for row in rows { try check(script.get(row.name), is: row) }
                if let row = rows.randomElement(using: &script.random) { script.cancel(row.name) }
            }
        }
        #expect(script.service.counts.total == 0)
        #expect(
            script.cancels.allSatisfy {
                [.accepted, .error("FAILED_PRECONDITION")].contains($0.postAnswer)
            })
    }

    private func check(_ rows: [Shown], in parent: String, _ script: ServiceScript) throws {
        let found = script.truth.found(in: parent)
        #expect(rows.map(\.number) == found.map(\.truth.number))
        for (row, operation) in zip(rows, found) {
            #expect(row.name == operation.truth.name)
            #expect(row.name.hasPrefix(parent + "/operations/"))
            #expect(row.created == operation.truth.created)
            #expect(row.team == operation.truth.team)
            #expect(row.isDone == (operation.code != nil))
            #expect(row.code == operation.code ?? 0)
            #expect(row.started == nil || operation.isStarted)
        }
    }

    private func check(_ reply: Reply<GetOutcome>, is row: Shown) throws {
        let outcome = try reply.result.get()
        #expect(outcome.shown == row)
        #expect(reply.fate.number == row.number)
        #expect(try ShownReader().operation(outcome.body) == row.withoutNumber)
    }

    @Test("bodies say what is noted as shown, unless they are broken")
    func bodies() throws {
        let reader = ShownReader()
        var broken = 0
        for seed in 0..<60 as Range<UInt64> {
            var random = SplitMix(seed: seed)
            var script = ServiceScript(seed: seed, plan: .random(&random))
            script.run(polls: 30)
            for page in script.pages.compactMap(\.page) {
                if page.isBroken {
                    broken += 1
                    #expect(page.shown.isEmpty)
                    #expect(throws: WireError.self) { try reader.list(page.body) }
                    continue
                }
                #expect(try reader.list(page.body) == page.shown.map(\.withoutNumber))
                #expect((page.token == nil) == page.isLast)
            }
            for reply in script.gets {
                guard let outcome = try? reply.result.get() else { continue }
                let read = try? reader.operation(outcome.body)
                #expect(outcome.shown?.withoutNumber == read.flatMap { $0.name == "" ? nil : $0 })
            }
        }
        #expect(broken > 0)
    }

    @Test("every kind of fault happens over some seeds")
    func allKinds() {
        var counts = FaultCounts()
        var plans: Set<String> = []
        for seed in 0..<150 as Range<UInt64> {
            var random = SplitMix(seed: seed)
            let plan = FaultPlan.random(&random)
            plans.insert("\(plan)")
            var script = ServiceScript(seed: seed, plan: plan)
            script.run(polls: 40)
            counts += script.service.counts
        }
        for (kind, count) in counts.list { #expect(count > 0, "\(kind)") }
        #expect(counts.total == counts.list.reduce(0) { $0 + $1.count })
        #expect(plans.count > 130)
    }

    @Test("healing ends all faults", arguments: 0..<40 as Range<UInt64>)
    func heals(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        var script = ServiceScript(seed: seed, plan: .random(&random))
        script.run(polls: 30)
        script.service.heal(at: script.now)
        let counts = script.service.counts
        var last: FaultCounts { script.service.counts }
        script.wait(.seconds(1))
        for _ in 0..<30 {
            script.wait(script.random.seconds(1...900))
            for parent in script.parents {
                let walk = script.walk(parent)
                let rows = try #require(walk).flatMap { $0.page?.shown ?? [] }
                try check(rows, in: parent, script)
                for row in rows { try check(script.get(row.name), is: row) }
                guard let row = rows.first(where: { !$0.isDone }) else { continue }
                let reply = script.cancel(row.name)
                let refusal = script.service.lastingRefusal(number: row.number)
                let answer = refusal.map { PostAnswer.error($0.rawValue) } ?? .accepted
                #expect(reply.postAnswer == answer)
                script.wait(.seconds(300))
                let end = script.truth.operations[row.number]
                #expect(refusal != nil || end?.code != nil || end?.isGone == true)
            }
        }
        let lasting: [FaultKind] = [.cancelRefused, .cancelUnimplemented]
        for kind in FaultKind.allCases where !lasting.contains(kind) {
            #expect(last[kind] == counts[kind], "\(kind)")
        }
    }
}
