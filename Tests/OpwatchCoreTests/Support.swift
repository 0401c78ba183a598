import FilterLanguage
import WireFormat

@testable import OpwatchCore

/// Seconds after 2026-01-01T00:00:00Z.
func time(_ seconds: Int64, _ nanoseconds: UInt32 = 0) -> Timestamp {
    Timestamp(seconds: 1_767_225_600 + seconds, nanoseconds: nanoseconds) ?? .latest
}

extension Endpoint {
    static let ml = Endpoint("https://ml.example/v1")
}

extension Partition {
    static let acme = Partition(service: "ml", endpoint: .ml, parent: "projects/acme")
    static let other = Partition(service: "ml", endpoint: .ml, parent: "projects/other")
}

extension OperationIdentity {
    static func named(_ id: String, _ endpoint: Endpoint = .ml) -> OperationIdentity {
        OperationIdentity(endpoint: endpoint, name: "projects/acme/operations/\(id)")
    }
}

/// A service with every clock, and rules given by the test.
struct World {
    var policy: Policy
    var plan: ServicePlan
    var state = WatchState()
    var memory = PollMemory()
    private var walks: UInt32 = 0
    private var completed: UInt32 = 0

    /// What one walk led to.
    struct Walk {
        var findings: [Poll.Finding] = []
        var completion = Poll.Completion()
        var poll: Poll
    }

    init(
        _ rules: [Rule], mode: Mode = .enforce, filter: String? = nil,
        fields: FieldMap = World.allClocks
    ) throws {
        var service = WatchedService(
            name: "ml", endpoint: .ml, fields: fields,
            parents: ["projects/acme", "projects/other"])
        service.filter = try filter.map { try Filter(parsing: $0) }
        policy = Policy(mode: mode, services: [service], rules: rules)
        plan = ServicePlan(policy, serviceIndex: 0)
    }

    static let allClocks = FieldMap(
        createTime: FieldMap.paths("metadata.createTime"),
        startTime: FieldMap.paths("metadata.startTime"),
        updateTime: FieldMap.paths("metadata.updateTime"),
        progress: FieldMap.paths("metadata.progress"),
        endTime: FieldMap.paths("metadata.endTime"),
        cancelRequested: FieldMap.paths("metadata.cancelRequested", "metadata.cancelTime"))

    /// Reads one operation as an answer shows it.
    func sighting(_ json: String, at now: Timestamp) throws -> Sighting {
        var row = FieldRow()
        try ObjectReader.read(Array(json.utf8), fields: plan.fields, limits: .body, into: &row)
        return plan.sighting(of: row, at: now)
    }

    /// What the decider says of an operation that is new, or remembered as told.
    func decide(
        _ json: String, _ remembered: Remembered? = nil, at now: Timestamp
    ) throws -> Decision {
        Decider.decide(
            try sighting(json, at: now), under: plan, mode: policy.mode, remembered: remembered,
            at: now)
    }

    /// Walks over pages as the daemon does, and applies every record.
    mutating func walk(
        _ pages: [[String]], at now: Timestamp, partition: Partition = .acme,
        completes: Bool = true, afterGap: Bool = false, mayStamp: Bool = true,
        clocksAgree: Bool = true
    ) throws -> Walk {
        walks += 1
        var walk = Walk(
            poll: Poll(
                partition: partition, plan: plan, mode: policy.mode, walk: walks,
                gapMax: .seconds(180)))
        for json in pages.joined() {
            let sighting = try sighting(json, at: now)
            let finding = walk.poll.read(
                sighting, at: now, mayStamp: mayStamp, in: state, memory: &memory)
            if let finding {
                try take(finding, into: &walk)
            }
            let identity = OperationIdentity(endpoint: .ml, name: sighting.snapshot.name)
            guard let ref = state.find(identity), state.partition(ref) == partition else {
                continue
            }
            let findings = walk.poll.judge(
                sighting, ref, at: now, clocksAgree: clocksAgree, in: state, memory: &memory,
                mayRetryCancel: false)
            for finding in findings { try take(finding, into: &walk) }
        }
        guard completes else { return walk }
        completed += afterGap ? 2 : 1
        walk.completion = walk.poll.finish(number: completed, in: state, memory: &memory)
        for record in walk.completion.stallings { try state.apply(record) }
        return walk
    }

    private mutating func take(_ finding: Poll.Finding, into walk: inout Walk) throws {
        if case .record(let record) = finding { try state.apply(record) }
        walk.findings.append(finding)
    }

    func name(_ ref: WatchState.OperationRef) -> String { state.identity(ref).name }
}

extension World.Walk {
    /// The kinds of the records, in order.
    var words: [String] {
        findings.map { finding in
            switch finding {
            case .record(.seen): "seen"
            case .record(.warned): "warned"
            case .record(.finished): "finished"
            case .record(.relisted): "relisted"
            case .record(.started): "started"
            case .record(.verdict(_, _, let verdict, _, _, _)): verdict.rawValue
            case .record(let record): "\(record)"
            case .verify: "verify"
            case .duplicate: "duplicate"
            case .lingering: "lingering"
            case .unusable: "unusable"
            case .foreignCancel: "foreignCancel"
            case .untrackable: "untrackable"
            }
        }
    }
}

extension Rule {
    /// A cancel rule that matches everything.
    static func cancel(
        _ timeouts: Timeouts, warnBefore: Duration? = nil, name: String = "slow",
        match: String? = nil
    ) throws -> Rule {
        Rule(
            name: name, match: try match.map { try Filter(parsing: $0) }, timeouts: timeouts,
            warnBefore: warnBefore, action: .cancel)
    }

    static func warn(_ timeouts: Timeouts, match: String? = nil) throws -> Rule {
        Rule(
            name: "late", match: try match.map { try Filter(parsing: $0) }, timeouts: timeouts,
            action: .warn)
    }

    static func ignore(_ match: String?) throws -> Rule {
        Rule(
            name: "protected", match: try match.map { try Filter(parsing: $0) }, action: .ignore)
    }
}

/// The JSON of a running operation; `metadata` gets the members as written.
func running(_ id: String = "a", _ metadata: String = "") -> String {
    #"{"name":"projects/acme/operations/\#(id)","metadata":{\#(metadata)}}"#
}

/// A running operation that was created at these seconds.
func created(_ seconds: Int64, _ id: String = "a", _ more: String = "") -> String {
    running(id, #""createTime":"\#(time(seconds))"\#(more.isEmpty ? "" : ",")\#(more)"#)
}

/// A finished operation that was created at these seconds; `result` is `"error":{…}`,
/// `"response":{…}` or nothing.
func done(_ id: String = "a", _ result: String = "", created: Int64 = 0) -> String {
    let more = result.isEmpty ? "" : "," + result
    return #"{"name":"projects/acme/operations/\#(id)","done":true,"#
        + #""metadata":{"createTime":"\#(time(created))"}\#(more)}"#
}

extension JournalRecord.Seen {
    static func of(_ id: String, since: Timestamp = time(0), isCreation: Bool = true) -> Self {
        JournalRecord.Seen(
            partition: .acme, name: OperationIdentity.named(id).name, since: since,
            isCreation: isCreation)
    }
}

extension JournalRecord.Intent {
    static func number(_ number: UInt64, _ id: String = "a", attempt: Int = 1) -> Self {
        JournalRecord.Intent(
            id: IntentID(number), operation: .named(id), service: "ml", serverTime: time(100),
            created: time(0), clock: .total, age: .seconds(100), timeout: .seconds(60),
            deadline: time(60), rule: "slow", policy: PolicyHash("0123456789abcdef"),
            attempt: attempt)
    }
}

extension CancelHistory {
    static func of(
        _ state: State, accepted: Int = 0, refusals: Int = 0, unanswered: Int = 0,
        mayHaveArrived: Bool = false
    ) -> CancelHistory {
        var history = CancelHistory(.number(1))
        history.accepted = accepted
        history.earlier.refusals = refusals
        history.earlier.unanswered = unanswered
        history.earlier.mayHaveArrived = mayHaveArrived
        history.state = state
        return history
    }
}
