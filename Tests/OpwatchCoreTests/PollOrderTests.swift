import SeededRandom
import Testing
import WireFormat

@testable import OpwatchCore

@Suite("The order of a list decides nothing")
struct PollOrderTests {
    /// What a poll decided, without what order may change.
    private struct Outcome: Equatable {
        var findings: Set<String> = []
        var candidates: [String] = []
        var absent: Set<String> = []
        var live = 0
    }

    private static let rules = [
        try? Rule.cancel(
            Timeouts(total: .seconds(100)), warnBefore: .seconds(20), match: "metadata.kind = A"),
        try? Rule.cancel(Timeouts(total: .seconds(50), running: .seconds(30))),
        try? Rule.ignore("metadata.keep = yes"),
    ].compactMap { $0 }

    /// An operation of a list, member by member.
    private struct Listed {
        let index: Int
        let isDone: Bool
        let metadata: [String]

        var straight: String { Self.object(members(metadata)) }

        func shuffled(_ random: inout SplitMix) -> String {
            Self.object(members(metadata.shuffled(using: &random)).shuffled(using: &random))
        }

        private func members(_ metadata: [String]) -> [String] {
            let running = [
                #""name":"projects/acme/operations/\#(index)""#,
                #""metadata":\#(Self.object(metadata))"#,
            ]
            return isDone ? running + [#""done":true"#, #""response":{}"#] : running
        }

        private static func object(_ members: [String]) -> String {
            "{\(members.joined(separator: ","))}"
        }
    }

    private static func operation(_ index: Int, _ random: inout SplitMix) -> Listed {
        // Few creation times, so that deadlines are often equal.
        let age = [0, 0, 10, 20, 40][index % 5]
        var metadata = [
            #""createTime":"\#(time(Int64(age)))""#,
            random.pick([#""kind":"A""#, #""kind":"B""#]),
            random.pick([#""keep":"yes""#, #""keep":"no""#, #""keep":"no""#]),
        ]
        if Bool.random(using: &random) {
            metadata.append(#""startTime":"\#(time(Int64(age)))""#)
        }
        return Listed(index: index, isDone: random.once(in: 6), metadata: metadata)
    }

    private static func pages(_ list: [Listed], _ random: inout SplitMix) -> [[String]] {
        var pages: [[String]] = [[]]
        for operation in list.shuffled(using: &random) {
            if Int.random(in: 0..<4, using: &random) == 0 { pages.append([]) }
            pages[pages.count - 1].append(operation.shuffled(&random))
        }
        return pages
    }

    private static func outcomes(_ lists: [[[String]]]) throws -> [Outcome] {
        var world = try World(rules)
        var outcomes: [Outcome] = []
        for (number, pages) in lists.enumerated() {
            let walk = try world.walk(pages, at: time(Int64(60 + number * 30)))
            var outcome = Outcome()
            outcome.findings = Set(
                walk.findings.map { finding in
                    switch finding {
                    case .unusable(let ref, let reason): "unusable \(world.name(ref)) \(reason)"
                    case .foreignCancel(let ref): "foreignCancel \(world.name(ref))"
                    case .verify(let ref): "verify \(world.name(ref))"
                    case .record, .duplicate, .lingering, .untrackable: "\(finding)"
                    }
                })
            outcome.candidates = walk.completion.candidates.map {
                "\(world.name($0.operation)) \($0.due) \($0.confirmations)"
            }
            outcome.absent = Set(walk.completion.absent.map(world.name))
            outcome.live = walk.poll.liveCount
            outcomes.append(outcome)
        }
        return outcomes
    }

    @Test(
        "permuted lists, other page borders and orders of keys give the same decisions",
        arguments: 0..<60)
    func permuted(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let lists = (0..<4).map { _ in
            (0..<Int.random(in: 0...25, using: &random)).map { Self.operation($0, &random) }
        }
        let straight = try Self.outcomes(lists.map { [$0.map(\.straight)] })
        let shuffled = try Self.outcomes(lists.map { Self.pages($0, &random) })
        let isEqual = straight == shuffled
        #expect(isEqual, "seed \(seed)")
    }

    @Test("an operation listed twice counts once")
    func listedTwice() throws {
        var world = try World(Self.rules)
        for confirmations in 1...3 {
            let walk = try world.walk([[created(0)], [created(0)]], at: time(60))
            #expect(walk.completion.candidates.map(\.confirmations) == [confirmations])
            #expect(walk.poll.liveCount == 1)
        }
    }

    @Test("listed twice it is overdue only if both sightings say so")
    func sightingsDiffer() throws {
        let overdue = created(0)
        for other in [
            created(0, "a", #""keep":"yes""#), created(0, "a", #""cancelRequested":true"#),
            running(), created(0, "a", #""startTime":"\#(time(1))""#),
        ] {
            for pages in [
                [[overdue], [other]], [[other], [overdue]], [[overdue, other, overdue]],
            ] {
                var world = try World(Self.rules)
                let seen = created(0)
                _ = try world.walk([[seen]], at: time(1))
                let walk = try world.walk(pages, at: time(60))
                #expect(walk.completion.candidates.isEmpty, "\(pages)")
            }
        }
    }

    @Test("running on one page and done on the next is finished, whoever takes its place")
    func doneOnTheNextPage() throws {
        var world = try World(Self.rules)
        _ = try world.walk([[created(0)]], at: time(60))
        let walk = try world.walk([[created(0)], [done()], [created(0, "b")]], at: time(90))
        #expect(walk.words == ["finished", "seen"])
        let names = walk.completion.candidates.map { world.name($0.operation) }
        #expect(names == ["projects/acme/operations/b"])
        #expect(walk.completion.candidates.map(\.confirmations) == [1])
    }
}
