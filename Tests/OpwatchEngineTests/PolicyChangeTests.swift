import OpwatchReports
import Testing
import WireFormat

@testable import OpwatchCore
@testable import OpwatchEngine

@Suite("Policies that come and go")
struct PolicyChangeTests {
    @Test("what is not listed is fetched soon, also where a reload gave it to another service")
    func absentAndMoved() throws {
        let stage = try Stage()
        let x = stage.add("x", age: .seconds(60))
        stage.run(for: .seconds(1_200))
        stage.listed[x] = .some(nil)
        // It runs unlisted and is fetched every ten polls.
        stage.run(for: .seconds(120))
        var policy = StagePolicy()
        policy.names = ["ml"]
        policy.service = "renamed"
        try stage.adopt(policy)
        stage.operations[x] = nil
        stage.run(for: .seconds(300))
        #expect(stage.records.contains(.vanished(x)))
    }

    @Test("a parent that leaves ends its operations, one that comes back has another id")
    func parents() throws {
        var policy = StagePolicy()
        policy.parents = ["projects/acme", "projects/b"]
        let stage = try Stage(policy)
        let x = stage.add("x", age: .seconds(60))
        stage.run(for: .seconds(1))
        let id = try #require(try stage.service.partitions.all.first?.id)
        policy.parents = ["projects/b"]
        try stage.adopt(policy)
        stage.turn()
        #expect(stage.records.contains(.dropped(x)))
        policy.parents = ["projects/b", "projects/acme"]
        try stage.adopt(policy)
        let all = try stage.service.partitions.all
        #expect(all.map(\.partition.parent) == ["projects/b", "projects/acme"])
        #expect(!all.map(\.id).contains(id))
    }

    @Test("the first cancel under a new policy waits for one whose parent has left")
    func canaryOfDroppedParent() throws {
        var policy = StagePolicy()
        policy.parents = ["projects/acme", "projects/b"]
        let stage = try Stage(policy)
        let x = stage.add("x")
        stage.run(for: .seconds(70))
        #expect(stage.posted == [x])
        policy.parents = ["projects/b"]
        try stage.adopt(policy)
        let y = stage.add("y", of: "projects/b")
        stage.run(for: .seconds(200))
        #expect(stage.posted == [x])
        stage.operations[x]?.code = 1
        stage.run(for: .seconds(200))
        #expect(stage.posted == [x, y])
    }

    @Test("a parent that stays keeps its id, wherever the policy puts it")
    func order() throws {
        var policy = StagePolicy()
        policy.parents = ["projects/acme", "projects/b", "projects/c"]
        let stage = try Stage(policy)
        let before = try stage.service.partitions.all
        policy.parents = ["projects/c", "projects/acme", "projects/b"]
        try stage.adopt(policy)
        let after = try stage.service.partitions.all
        #expect(after.map(\.id) == [before[2].id, before[0].id, before[1].id])
    }

    @Test("the same policy again changes nothing, and a refused one is forgotten by it")
    func again() throws {
        let stage = try Stage()
        stage.add("x")
        stage.run(for: .seconds(30))
        stage.take(.policyRefused)
        stage.run(for: .seconds(300))
        #expect(stage.posted.isEmpty)
        let connected = stage.connected
        try stage.adopt(StagePolicy())
        stage.run(for: .seconds(130))
        #expect(stage.posted.count == 1)
        #expect(stage.connected == connected)
        #expect(stage.records.count { if case .policy = $0 { true } else { false } } == 1)
    }

    @Test("a service under another name takes over what is known of its operations")
    func renamed() throws {
        let stage = try Stage()
        let x = stage.add("x")
        stage.run(for: .seconds(61))
        #expect(stage.posted == [x])
        var policy = StagePolicy()
        policy.names = ["ml2"]
        try stage.adopt(policy)
        stage.turn()
        // Another name has another endpoint in the stage's policies: nobody takes it over, and the
        // open cancel is still proven.
        #expect(stage.engine.roster.retired.count == 1)
        stage.operations[x]?.code = 1
        stage.run(for: .seconds(120))
        #expect(stage.verdicts == [.cancelled])
        stage.run(for: .seconds(60))
        #expect(stage.engine.roster.retired.isEmpty)
    }

    @Test("an open cancel whose policy is kept is proven under it, another is told as unprovable")
    func unwatched() throws {
        let before = try Stage()
        let x = before.add("x")
        before.run(for: .seconds(61))
        let state = before.engine.state
        let old = try StagePolicy().plan.policy
        var policy = StagePolicy()
        policy.names = []
        for kept in [KeptPolicy.policy(old), .missing(path: "/state/policies/x.yaml")] {
            let stage = try Stage(
                policy, state: state, kept: [old.hash: kept], at: before.now)
            stage.operations = before.operations
            switch kept {
            case .policy:
                #expect(stage.engine.unwatchedPolicies(under: try policy.plan) == [])
                stage.operations[x]?.code = 1
                stage.run(for: .seconds(30))
                #expect(stage.verdicts == [.cancelled])
            case .missing(let path):
                stage.run(for: .seconds(30))
                #expect(stage.engine.standing.unprovable == 1)
                #expect(stage.reports.contains { $0.message.contains(path) })
            }
        }
        let bare = Engine(
            try policy.plan, state: state, jitter: .none, callTime: .seconds(1), at: before.now)
        #expect(bare.unwatchedPolicies(under: try policy.plan) == [old.hash])
        #expect(bare.unwatchedPolicies(under: try StagePolicy().plan) == [])
    }

    @Test("another policy begins the row of confirmations anew")
    func confirmations() throws {
        var policy = StagePolicy()
        policy.confirmations = 3
        let stage = try Stage(policy)
        let x = stage.add("x")
        stage.run(for: .seconds(61))
        policy.cancelsPerHour = 19
        try stage.adopt(policy)
        stage.run(for: .seconds(170))
        #expect(stage.posted.isEmpty)
        stage.run(for: .seconds(20))
        #expect(stage.posted == [x])
    }

    @Test("what was refused stays so when its parent leaves the policy for a while")
    func verdictStays() throws {
        var policy = StagePolicy()
        policy.parents = ["projects/acme", "projects/b"]
        let stage = try Stage(policy)
        let x = stage.add("x")
        stage.cancelAnswer = { _ in
            .failure(.refused(ServiceError(http: 400, code: .invalidArgument)))
        }
        stage.run(for: .seconds(90))
        #expect(stage.verdicts == [.refused])
        policy.parents = ["projects/b"]
        try stage.adopt(policy)
        stage.run(for: .seconds(60))
        policy.parents = ["projects/acme", "projects/b"]
        try stage.adopt(policy)
        stage.run(for: .seconds(600))
        #expect(stage.posted == [x])
    }

    @Test("a shutdown takes back what has not left, and begins nothing new")
    func shutdown() throws {
        let stage = try Stage()
        stage.add("x")
        stage.run(for: .seconds(30))
        stage.take(.shutdown)
        for _ in 0..<5 {
            stage.pass(.seconds(60))
            stage.turn()
            #expect(stage.pending.isEmpty)
        }
        #expect(stage.posted.isEmpty)
        #expect(!stage.engine.isPosting)
    }

    @Test("how things are: counts, what waits and why")
    func standing() throws {
        var policy = StagePolicy()
        policy.cancelsPerHour = 1
        let stage = try Stage(policy)
        for id in ["x", "y"] { stage.add(id) }
        stage.run(for: .seconds(130))
        let standing = stage.engine.standing
        #expect(standing.live == 2 && standing.open == 1)
        #expect(standing.spentBudget == 1)
        #expect(standing.lastPoll != nil)
        let service = try #require(standing.services.first)
        #expect(service.canary == stage.posted.first?.name)
        #expect(service.queued == 1)
        #expect(service.clock == .agrees)
        #expect(service.late == nil && service.openBreaker == nil && service.pause == nil)
    }
}
