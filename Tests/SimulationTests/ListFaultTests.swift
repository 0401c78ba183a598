import OpwatchCore
import SeededRandom
import Testing
import WireFormat

@testable import Simulation

/// Each kind of fault of whole lists alone.
@Suite("Faults of lists do what their names say")
struct ListFaultTests {
    private static let lives: LifePlan = {
        var plan = LifePlan()
        plan.initialMax = 12
        plan.immortalRate = 500
        plan.lifeMax = .seconds(1_800)
        plan.birthGapMax = .seconds(600)
        plan.retentionMax = .seconds(240)
        return plan
    }()

    /// A walk and what was to be found when it was done.
    private struct Walk {
        let replies: [Reply<ListOutcome>]?
        let found: [TruthModel.Operation]
        let ended: Set<Int>

        var numbers: [Int] { (replies ?? []).flatMap { $0.page?.shown ?? [] }.map(\.number) }
        var truth: [Int] { found.map(\.truth.number) }
    }

    private func walks(_ kind: FaultKind, perMille rate: Int = 200) -> [Walk] {
        var (walks, counts): ([Walk], FaultCounts) = ([], FaultCounts())
        for seed in 0..<10 as Range<UInt64> {
            var script = ServiceScript(
                seed: seed, plan: .only(kind, perMille: rate), lives: Self.lives)
            script.wait(.zero)
            for _ in 0..<20 {
                script.wait(.seconds(60))
                for parent in script.parents {
                    let found = script.truth.found(in: parent)
                    let ended = Set(found.filter { $0.code != nil }.map(\.truth.number))
                    let replies = script.walk(parent, pageSize: 4)
                    walks.append(Walk(replies: replies, found: found, ended: ended))
                }
            }
            counts += script.service.counts
        }
        #expect(counts[kind] > 0 && counts.total == counts[kind], "\(kind)")
        return walks
    }

    @Test("a stale list shows the past: the ended running, the newest not at all")
    func stale() {
        let walks = walks(.staleList, perMille: 500)
        #expect(walks.allSatisfy { $0.replies != nil })
        #expect(walks.contains { walk in walk.truth.contains { !walk.numbers.contains($0) } })
        #expect(walks.contains { walk in walk.numbers.contains { !walk.truth.contains($0) } })
        #expect(
            walks.contains { walk in
                let shown = (walk.replies ?? []).flatMap { $0.page?.shown ?? [] }
                return shown.contains { !$0.isDone && walk.ended.contains($0.number) }
            })
    }

    @Test("shuffled and split pages show everything once")
    func harmless() {
        let shuffled = walks(.shuffled)
        #expect(shuffled.allSatisfy { $0.numbers.sorted() == $0.truth })
        #expect(shuffled.contains { $0.numbers != $0.truth })
        let split = walks(.pageSplit)
        #expect(split.allSatisfy { $0.numbers == $0.truth })
        #expect(
            split.contains { walk in
                walk.replies?.dropLast().contains { $0.page?.shown.count ?? 0 < 4 } ?? false
            })
        let empty = walks(.emptyPage)
        #expect(empty.allSatisfy { $0.numbers == $0.truth })
        #expect(
            empty.contains { walk in
                walk.replies?.dropLast().contains { $0.page?.shown == [] } ?? false
            })
    }

    @Test("moving pages show something twice, or leave something out")
    func moving() {
        let twice = walks(.shownTwice)
        #expect(twice.allSatisfy { Set($0.numbers).sorted() == $0.truth })
        #expect(twice.contains { $0.numbers.count > $0.truth.count })
        let missing = walks(.missingFromWalk)
        #expect(missing.allSatisfy { Set($0.numbers).isSubset(of: $0.truth) })
        #expect(missing.contains { $0.numbers.count < $0.truth.count })
        #expect(missing.allSatisfy { Set($0.numbers).count == $0.numbers.count })
    }

    @Test("an unreachable place is named by all pages of the walk")
    func unreachable() {
        let walks = walks(.unreachable)
        #expect(walks.allSatisfy { $0.replies != nil })
        for walk in walks {
            let pages = (walk.replies ?? []).compactMap(\.page)
            let isPartial = pages.contains { !$0.unreachable.isEmpty }
            #expect(isPartial == pages.allSatisfy { !$0.unreachable.isEmpty })
            #expect(isPartial || walk.numbers == walk.truth)
        }
        #expect(walks.contains { $0.numbers.count < $0.truth.count })
    }

    @Test("a missing page ends a walk, a loop does not let it end")
    func endless() {
        let missing = walks(.missingPage).filter { $0.replies == nil }
        #expect(!missing.isEmpty)
        var script = ServiceScript(
            seed: 4, plan: .only(.tokenLoop, perMille: 1_000), lives: Self.lives)
        script.wait(.zero)
        while script.truth.found(in: script.parents[0]).count < 6 { script.wait(.seconds(60)) }
        let first = script.service.list(
            parent: script.parents[0], filter: nil, pageSize: 2, pageToken: nil, at: script.now)
        let token = first.page?.token
        for _ in 0..<5 {
            let next = script.service.list(
                parent: script.parents[0], filter: nil, pageSize: 2, pageToken: token,
                at: script.now)
            #expect(next.page?.token == token && token != nil)
        }
        script.service.heal(at: script.now)
        let walk = script.walk(script.parents[0], pageSize: 2)
        #expect(walk != nil)
    }

    @Test("broken bodies are cut off or no list", arguments: [FaultKind.malformed, .truncated])
    func broken(kind: FaultKind) {
        let walks = walks(kind)
        #expect(walks.contains { $0.replies == nil })
        #expect(walks.contains { $0.replies != nil })
    }

    @Test("wrong tokens, parents and filters are refused; a filter hides what is done")
    func requests() {
        var script = ServiceScript(seed: 9, plan: .none, lives: Self.lives)
        script.wait(.seconds(3_600))
        func list(
            _ parent: Int, filter: String? = nil, token: String? = nil
        ) -> Reply<ListOutcome> {
            script.service.list(
                parent: parent < 2 ? script.parents[parent] : "projects/other", filter: filter,
                pageSize: 2, pageToken: token, at: script.now)
        }
        let token = list(0).page?.token
        #expect(token != nil)
        #expect(list(0, token: token).page != nil)
        #expect(list(1, token: token).fate.status == .invalidArgument)
        #expect(list(0, token: "nonsense").fate.status == .invalidArgument)
        #expect(list(0, filter: "state = RUNNING").fate.status == .invalidArgument)
        #expect(list(2).fate.status == .notFound)
        let live = list(0, filter: "NOT done = true").page?.shown ?? []
        #expect(live.allSatisfy { !$0.isDone })
    }
}
