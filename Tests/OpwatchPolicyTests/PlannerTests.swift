import OpwatchCore
import OpwatchPolicy
import Testing
import WireFormat

@Suite("What a plan makes of listed operations")
struct PlannerTests {
    private static let noon = Timestamp(rfc3339: "2026-01-31T12:00:00Z") ?? .earliest

    private static func plan(
        _ names: [String], listedBy parent: String? = "projects/acme", service: String = "",
        rule: String = "timeouts: { total: 1h }, action: cancel", share: Int = 100
    ) throws -> PlannedService {
        let policy = try PolicyFile.parse(
            """
            version: 1
            mode: enforce
            services:
              - { name: s, api: ml/v1, parents: [projects/acme, projects/-/locations/b],
                  credentials: none\(service) }
            rules: [{ name: r, match: 'name:*', \(rule) }]
            safety: { max_overdue_share: \(share)%, cancels_per_poll: 2 }
            """, file: "p.yaml"
        ).policy
        var planner = Planner(PolicyPlan(policy), serviceIndex: 0, state: WatchState())
        planner.begin(parent, at: noon)
        var page = JSONWriter()
        page.beginObject()
        page.key("operations")
        page.beginArray()
        for name in names {
            page.beginObject()
            page.key("name")
            page.string(name)
            page.key("metadata")
            page.beginObject()
            page.key("createTime")
            page.string("2026-01-31T08:00:00Z")
            page.endObject()
            page.endObject()
        }
        page.endArray()
        page.endObject()
        _ = try planner.read(page.bytes, limits: .listPage, at: noon)
        return planner.planned()
    }

    private static let home = "projects/acme/operations/"

    @Test(
        "what can never be cancelled is kept, and says why",
        arguments: [
            ("projects/acme/operations/a", "projects/acme", "cancel", "waits for "),
            ("projects/acme/a", "projects/acme", "cancel", "waits for "),
            (
                "projects/b/operations/a", "projects/acme", "keep",
                "name lies outside projects/acme, which lists it"
            ),
            (
                "projects/x/locations/b/operations/a", "projects/-/locations/b", "cancel",
                "waits for "
            ),
            (
                "projects/x/locations/c/operations/a", "projects/-/locations/b", "keep",
                "name lies outside projects/-/locations/b, which lists it"
            ),
            ("anything", "", "cancel", "waits for a parent that its name lies in, "),
            (
                "projects/acme/../a", "projects/acme", "keep",
                "its name cannot stand in a URL, so that it cannot be cancelled"
            ),
            ("projects/acme/a", nil, "cancel", "waits for 2 complete"),
            ("projects/b/a", nil, "cancel", "waits for a parent that its name lies in, "),
        ] as [(String, String?, String, String)])
    func kept(name: String, parent: String?, decision: String, reason: String) throws {
        let rule = "timeouts: { total: 1h }, action: cancel"
        let planned = try Self.plan([name], listedBy: parent, rule: rule)
        #expect(planned.operations.map(\.decision.word) == [decision])
        #expect(planned.operations.first?.reason.contains(reason) == true)
    }

    @Test("with `names: any` a name may lie anywhere; a rule that only warns warns of any name")
    func anyName() throws {
        let lifted = try Self.plan(["projects/b/a"], service: ", names: any")
        #expect(lifted.operations.map(\.decision.word) == ["cancel"])
        #expect(lifted.operations.first?.reason.contains("lies in") == false)
        let warned = try Self.plan(
            ["/a"], listedBy: nil, rule: "timeouts: { total: 1h }, action: warn")
        #expect(warned.operations.map(\.decision.word) == ["warn"])
    }

    @Test(
        "a breaker that would open is told, with what a cancel waits for",
        arguments: [(2, 50, false), (3, 50, true), (3, 100, false)])
    func breaker(count: Int, share: Int, opens: Bool) throws {
        let planned = try Self.plan((0..<count).map { Self.home + "\($0)" }, share: share)
        #expect(
            planned.breaker
                == (opens
                    ? "its breaker would open: 3 of 3 live operations would be cancelled, limit 50%"
                    : nil))
        #expect(planned.operations.allSatisfy { $0.reason.hasSuffix(", the breaker") == opens })
    }

    @Test("each operation shows what every rule makes of it, and all that shuts the gate")
    func standings() throws {
        let policy = try PolicyFile.parse(
            """
            version: 1
            services: [{ name: s, api: ml/v1, parents: [projects/acme], credentials: none }]
            rules:
              - { name: kept, match: 'metadata.labels.keep = "true"', action: ignore }
              - { name: first, match: 'name:operations', timeouts: { total: 1h }, action: cancel,
                  warn_before: 10m }
              - { name: second, match: 'name:*', timeouts: { total: 2h }, action: warn }
            """, file: "p.yaml"
        ).policy
        var state = WatchState()
        try state.apply(.damage(file: "journal-1.jsonl", offset: 0))
        var planner = Planner(PolicyPlan(policy), serviceIndex: 0, state: state)
        planner.clock = .missing
        planner.begin("projects/acme", at: Self.noon)
        let created = #""createTime":"2026-01-31T08:00:00Z""#
        let page =
            #"{"operations":[{"name":"\#(Self.home)a","metadata":{\#(created)}},"#
            + #"{"name":"\#(Self.home)b"},{"name":"projects/acme/c","metadata":{\#(created)}},"#
            + #"{"name":"\#(Self.home)d","done":true,"response":{}}]}"#
        _ = try planner.read(Array(page.utf8), limits: .listPage, at: Self.noon)
        let planned = planner.planned().operations
        #expect(
            planned.map { $0.rules.map(\.part) } == [
                [.doesNotMatch, .decides, .comesLater],
                [.protectsUnknown, .isOverruled, .isOverruled],
                [.doesNotMatch, .doesNotMatch, .decides], [],
            ])
        #expect(planned.map(\.rule) == ["first", "kept", "second", nil])
        #expect(planned.map(\.notice) == [.owed(.seconds(600)), .none, .none, .none])
        #expect(planned.map { $0.clocks.map(\.due) }.first == [planned.first?.decision.due])
        let shut: [GateRefusal] = [
            .journalDamaged, .clocksDisagree(.missing), .notConfirmed(polls: 0, needed: 2),
            .pollCapReached(0, limit: 0), .canaryOut, .hourlyBudgetSpent(0, limit: 0), .observing,
        ]
        #expect(planned.map(\.refusals) == [shut, shut, shut, []])
    }

    @Test("a list that is begun again counts once")
    func again() throws {
        let policy = try PolicyFile.parse(
            """
            version: 1
            services: [{ name: s, api: ml/v1, parents: [p, q], credentials: none }]
            """, file: "p.yaml"
        ).policy
        var planner = Planner(PolicyPlan(policy), serviceIndex: 0, state: WatchState())
        let page = Array(#"{"operations":[{"name":"p/a"}],"nextPageToken":"t"}"#.utf8)
        for parent in ["p", "p", "q"] {
            planner.begin(parent, at: Self.noon)
            let end = try planner.read(page, limits: .listPage, at: Self.noon)
            #expect(end.nextPageToken == "t")
            #expect(end.operationCount == 1)
        }
        #expect(planner.planned().operations.count == 2)
    }

    @Test("only what nobody lists may be a bare array")
    func array() throws {
        let policy = try PolicyFile.parse(
            "version: 1\nservices: [{ name: s, api: ml/v1, parents: [p], credentials: none }]",
            file: "p.yaml"
        ).policy
        let page = Array(#"[{"name":"p/a"}]"#.utf8)
        var saved = Planner(PolicyPlan(policy), serviceIndex: 0, state: WatchState())
        _ = try saved.read(page, limits: .listPage, at: Self.noon)
        #expect(saved.planned().operations.map(\.name) == ["p/a"])
        var listed = Planner(PolicyPlan(policy), serviceIndex: 0, state: WatchState())
        listed.begin("p", at: Self.noon)
        #expect(throws: WireError.self) {
            try listed.read(page, limits: .listPage, at: Self.noon)
        }
    }
}
