import OpwatchCore
import SeededRandom
import Testing
import WireFormat

@testable import Simulation

/// Each kind of fault of cancels and of lives alone.
@Suite("Faults of cancels and lives do what their names say")
struct CancelFaultTests {
    /// Nothing ends or is started on its own.
    private static let still: LifePlan = {
        var plan = LifePlan()
        plan.initialMax = 12
        plan.liveMax = 24
        plan.immortalRate = 1_000
        plan.birthGapMax = nil
        plan.queueMax = .seconds(7_200)
        plan.neverStartedRate = 0
        plan.ageMax = .seconds(600)
        return plan
    }()

    /// Scripts in which everything was cancelled once, and a day has passed.
    private func cancelled(_ kind: FaultKind, perMille rate: Int = 400) -> [ServiceScript] {
        (0..<12 as Range<UInt64>).map { seed in
            var script = ServiceScript(
                seed: seed, plan: .only(kind, perMille: rate), lives: Self.still)
            script.wait(.zero)
            for operation in script.parents.flatMap(script.truth.found) {
                script.cancel(operation.truth.name)
            }
            return script
        }
    }

    private func hits(_ scripts: [ServiceScript]) -> [(answer: PostAnswer, code: Int?)] {
        scripts.flatMap { script in
            script.cancels.compactMap { reply in
                reply.fate.number.map { (reply.postAnswer, script.truth.operations[$0]?.code) }
            }
        }
    }

    @Test("a cancel ends its operation with code 1 within minutes")
    func honoured() {
        var scripts = cancelled(.pageSplit)
        for index in scripts.indices { scripts[index].wait(.seconds(301)) }
        #expect(hits(scripts).allSatisfy { $0.answer == .accepted && $0.code == 1 })
    }

    @Test("a cancel is accepted, and ignored")
    func ignored() {
        var scripts = cancelled(.cancelIgnored)
        for index in scripts.indices { scripts[index].wait(.seconds(86_400)) }
        let hits = hits(scripts)
        #expect(hits.allSatisfy { $0.answer == .accepted })
        #expect(hits.contains { $0.code == nil } && hits.contains { $0.code == 1 })
    }

    @Test("a cancel is accepted, and effective much later; sooner after healing")
    func slow() {
        var scripts = cancelled(.cancelSlow)
        for index in scripts.indices { scripts[index].wait(.seconds(310)) }
        #expect(hits(scripts).contains { $0.code == nil })
        var healed = scripts
        for index in scripts.indices {
            scripts[index].wait(.seconds(12 * 3_600))
            healed[index].service.heal(at: healed[index].now)
            healed[index].wait(.seconds(120))
        }
        #expect(hits(scripts).allSatisfy { $0.code == 1 })
        #expect(hits(healed).allSatisfy { $0.code == 1 })
    }

    @Test(
        "a cancel is refused",
        arguments: [
            (FaultKind.cancelRefused, ["INVALID_ARGUMENT"]),
            (.cancelRefusedForNow, ["FAILED_PRECONDITION", "ABORTED"]),
            (.cancelUnimplemented, ["UNIMPLEMENTED"]),
            (.cancelDenied, ["PERMISSION_DENIED"]),
            (.cancelNotFound, ["NOT_FOUND"]),
        ])
    func refused(kind: FaultKind, codes: [String]) throws {
        var scripts = cancelled(kind)
        for code in codes { #expect(hits(scripts).contains { $0.answer == .error(code) }) }
        for index in scripts.indices {
            let cancels = scripts[index].cancels
            scripts[index].service.heal(at: scripts[index].now)
            scripts[index].cancels = []
            for first in cancels {
                let number = try #require(first.fate.number)
                let name = try #require(scripts[index].truth.operations[number]?.truth.name)
                let isRefused = codes.map(PostAnswer.error).contains(first.postAnswer)
                #expect(isRefused || first.failure == nil)
                #expect(scripts[index].get(name).result.map(\.isBroken) == .success(false))
                let second = scripts[index].cancel(name)
                let refusal = scripts[index].service.lastingRefusal(number: number)
                if refusal != nil { #expect(second.postAnswer == first.postAnswer) }
                #expect((refusal == nil) == (second.postAnswer == .accepted))
                let lasts = [.cancelRefused, .cancelUnimplemented].contains(kind)
                #expect(lasts || refusal == nil)
            }
        }
    }

    @Test("what is refused until it is started is accepted after that")
    func passing() {
        var scripts = cancelled(.cancelRefusedForNow, perMille: 500)
        var answers: [PostAnswer] = []
        for index in scripts.indices {
            let early = scripts[index].cancels.filter {
                $0.fate.status == .failedPrecondition
            }
            scripts[index].wait(.seconds(7_200))
            for number in early.compactMap(\.fate.number) {
                let name = scripts[index].truth.operations[number]?.truth.name ?? ""
                answers.append(scripts[index].cancel(name).postAnswer)
            }
        }
        #expect(answers.contains(.accepted))
        #expect(answers.allSatisfy { [.accepted, .error("ABORTED")].contains($0) })
    }

    @Test("operations vanish without an end, or are cancelled by somebody else")
    func lives() {
        var plan = Self.still
        plan.lifeMax = .seconds(3_600)
        for kind in [FaultKind.vanished, .cancelledByOther] {
            var script = ServiceScript(seed: 2, plan: .only(kind, perMille: 500), lives: plan)
            script.wait(.seconds(7_200))
            let all = script.truth.operations.values
            let hit = all.filter { kind == .vanished ? $0.isGone && $0.code == nil : $0.isFlagged }
            #expect(!hit.isEmpty && hit.count < all.count, "\(kind)")
            #expect(hit.count == script.service.counts[kind], "\(kind)")
            if kind == .cancelledByOther {
                #expect(hit.contains { $0.code == 1 })
                continue
            }
            let name = hit.first?.truth.name ?? ""
            #expect(script.get(name).failure?.saysGone == true)
        }
    }

    @Test("a younger operation takes the name of one that went")
    func names() {
        var plan = Self.still
        plan.immortalRate = 0
        plan.lifeMax = .seconds(3_600)
        plan.retentionMax = .seconds(60)
        var script = ServiceScript(
            seed: 2, plan: .only(.nameReused, perMille: 1_000), lives: plan)
        for _ in 0..<7_200 {
            script.wait(.seconds(1))
            for parent in script.parents {
                let names = script.truth.found(in: parent).map(\.truth.name)
                #expect(Set(names).count == names.count)
            }
        }
        let names = script.truth.operations.values.map(\.truth.name)
        #expect(Set(names).count < names.count)
    }

    @Test(
        "an operation ends soon after it was shown running",
        arguments: [FaultKind.endsAfterList, .endsAfterGet])
    func ends(kind: FaultKind) {
        var script = ServiceScript(seed: 6, plan: .only(kind, perMille: 500), lives: Self.still)
        script.wait(.zero)
        let parent = script.parents[0]
        let rows = (script.walk(parent, pageSize: 100) ?? []).flatMap { $0.page?.shown ?? [] }
        #expect(rows.count > 3 && rows.allSatisfy { !$0.isDone })
        if kind == .endsAfterGet { for row in rows { script.get(row.name) } }
        script.wait(kind == .endsAfterGet ? .seconds(3) : .seconds(20))
        let count = script.truth.found(in: parent).count { $0.code != nil }
        #expect(count > 0 && count < rows.count && count == script.service.counts[kind])
    }

    @Test("a GET shows the past, or leaves out or changes a time")
    func staleGet() {
        var script = ServiceScript(seed: 7, plan: .only(.staleGet, perMille: 500))
        script.run(polls: 200)
        var differences = 0
        for reply in script.gets {
            let page = script.pages.last { page in
                page.page?.shown.contains { $0.number == reply.fate.number } ?? false
            }
            let row = page?.page?.shown.first { $0.number == reply.fate.number }
            if (try? reply.result.get())?.shown != row { differences += 1 }
        }
        #expect(differences > 0)
        #expect(script.service.counts.total == script.service.counts[.staleGet])
    }
}
