import OpwatchReports
import Testing
import WireFormat

@testable import OpwatchCore
@testable import OpwatchEngine

/// An engine, a clock that goes where it is told to, and a service that answers at once.
final class Stage {
    static let start = Timestamp(seconds: 1_772_366_400) ?? .earliest

    let engine: Engine
    var now = Moment(wall: Stage.start, instant: ContinuousClock.now)
    /// What the service has, by endpoint and name.
    var operations: [OperationIdentity: StageOperation] = [:]
    /// Requests that wait for their answers.
    private(set) var pending: [(id: RequestID, request: Request)] = []
    /// POSTs that wait for their answers.
    private(set) var posts: [(id: RequestID, operation: OperationIdentity)] = []
    private(set) var records: [JournalRecord] = []
    private(set) var reports: [Report] = []
    /// GETs that were answered.
    private(set) var fetches = 0
    /// Every POST that left.
    private(set) var posted: [OperationIdentity] = []
    private(set) var connected: [ServiceID] = []
    /// What the service says to a POST.
    var cancelAnswer: (OperationIdentity) -> Result<Asked, CallFailure> = { _ in
        .success(Asked(httpStatus: 200))
    }
    /// Whose POSTs stay without an answer.
    var hangs: (OperationIdentity) -> Bool = { _ in false }
    /// What the service says to a GET instead of the truth.
    var fetchFailure: CallFailure?
    /// Whose GETs are denied.
    var denied: Set<OperationIdentity> = []
    /// What lists show instead of the truth; nil: not listed.
    var listed: [OperationIdentity: StageOperation?] = [:]
    /// Whether lists leave the types of metadata out.
    var hidesKinds = false
    /// The `Date` of answers, from true time; nil: none.
    var date: (Timestamp) -> Timestamp? = { $0 }
    /// Whether records become durable.
    var isDiskFull = false
    private var lastIntent: UInt64 = 0

    init(
        _ policy: StagePolicy = StagePolicy(), state: WatchState = WatchState(),
        kept: [PolicyHash: KeptPolicy] = [:], jitter: Jitter = .none,
        at now: Moment? = nil
    ) throws {
        if let now { self.now = now }
        let now = self.now
        engine = Engine(
            try policy.plan, state: state, jitter: jitter, callTime: .seconds(600), at: now)
        perform(engine.start(kept: kept, at: now))
    }

    // MARK: Operations

    var endpoint: Endpoint { Endpoint("http://127.0.0.1:1/ml/v1") }

    func identity(_ id: String, of parent: String = "projects/acme") -> OperationIdentity {
        OperationIdentity(
            endpoint: endpoint, name: StageOperation.name(id, of: parent))
    }

    /// A running operation of this age.
    @discardableResult
    func add(
        _ id: String, age: Duration = .seconds(50 * 60), of parent: String = "projects/acme",
        service: String = "ml"
    ) -> OperationIdentity {
        let name = StageOperation.name(id, of: parent)
        let identity = OperationIdentity(
            endpoint: Endpoint("http://127.0.0.1:1/\(service)/v1"), name: name)
        operations[identity] = StageOperation(
            name: name, created: now.wall.advanced(by: .zero - age))
        return identity
    }

    func ref(_ operation: OperationIdentity) throws -> WatchState.OperationRef {
        try #require(engine.state.find(operation))
    }

    /// The creation time, or the first sight, by which an operation is known.
    func since(_ operation: OperationIdentity) throws -> Timestamp {
        let ref = try ref(operation)
        return engine.state.tables[ref.table].since(ref.slot)
    }

    func history(_ operation: OperationIdentity) -> CancelHistory? {
        engine.state.find(operation).flatMap { engine.state.cancel($0) }
    }

    var service: LiveService {
        get throws { try #require(engine.roster.services.first) }
    }

    // MARK: Steps

    func take(_ event: EngineEvent) {
        perform(engine.take(event, at: now))
    }

    func adopt(_ policy: StagePolicy, kept: [PolicyHash: KeptPolicy] = [:]) throws {
        take(.policy(try policy.plan, kept: kept))
    }

    /// Lets the engine do what is due, and nobody answers.
    func turn() {
        while perform(engine.turn(at: now)) {}
    }

    @discardableResult
    private func perform(_ effects: consuming Effects) -> Bool {
        var effects = effects
        if !isDiskFull { records += effects.records }
        engine.noteJournal(isHealthy: !isDiskFull)
        for draft in effects.intents {
            guard !isDiskFull else {
                perform(engine.take(.intentFailed(draft.service), at: now))
                continue
            }
            lastIntent += 1
            let intent = draft.numbered(IntentID(lastIntent))
            records.append(.intent(intent))
            perform(
                engine.take(
                    recorded: RecordedIntent(durable: intent), of: draft.service, at: now))
        }
        pending += effects.requests
        connected += effects.connections.map(\.id)
        if let permit = effects.takePermit() {
            #expect(effects.records.isEmpty && effects.intents.isEmpty)
            #expect(records.contains { $0.intent?.operation == permit.operation })
            posted.append(permit.operation)
            posts.append((permit.id, permit.operation))
        }
        reports += effects.reports
        return !effects.records.isEmpty || !effects.intents.isEmpty
    }

    /// Lets time pass, and the service answers at once.
    func run(for time: Duration) {
        let end = now.instant.advanced(by: time)
        while true {
            repeat { turn() } while answer()
            let wake = engine.nextWake(after: now.instant) ?? end
            guard wake < end else { break }
            let step = max(.milliseconds(1), now.instant.duration(to: wake))
            pass(step)
        }
        pass(now.instant.duration(to: end))
        repeat { turn() } while answer()
    }

    /// Lets time pass; nothing happens meanwhile.
    func pass(_ time: Duration) {
        now = Moment(
            wall: now.wall.advanced(by: time), instant: now.instant.advanced(by: time))
    }

    /// The local wall clock alone moves.
    func jump(_ time: Duration) {
        now = Moment(wall: now.wall.advanced(by: time), instant: now.instant)
    }

    // MARK: The service

    /// Answers everything that waits.
    /// - Returns: whether something did.
    @discardableResult
    func answer() -> Bool {
        let (requests, posts) = (pending, posts)
        pending = []
        self.posts = posts.filter { hangs($0.operation) }
        let answered = posts.filter { !hangs($0.operation) }
        for (id, request) in requests { take(answer(to: request, id)) }
        for (id, operation) in answered { take(.cancelAnswered(id, cancelAnswer(operation))) }
        return !requests.isEmpty || !answered.isEmpty
    }

    /// The first request of a kind that waits, which waits no longer.
    func takePending(where matches: (Request) -> Bool) throws -> (id: RequestID, request: Request) {
        let index = try #require(pending.firstIndex { matches($0.request) })
        return pending.remove(at: index)
    }

    func takePost() throws -> RequestID {
        try #require(!posts.isEmpty)
        return posts.removeFirst().id
    }

    func answer(to request: Request, _ id: RequestID) -> EngineEvent {
        switch request {
        case .page(let partition, let walk, _, let list):
            return .page(id, partition, walk: walk, .success(page(of: list.parent, id)))
        case .fetch(let operation, let purpose):
            return .fetched(id, operation, purpose, fetch(operation))
        }
    }

    var time: AnswerTime { AnswerTime(sentAt: now.instant, date: date(now.wall)) }

    /// All operations of a parent.
    func page(of parent: String, _ id: RequestID) -> PageAnswer {
        let endpoint = engine.roster.service(id.service)?.plan.service.endpoint
        let shown = operations.compactMap { name, operation in
            let isOfParent = name.endpoint == endpoint && name.name.hasPrefix(parent + "/")
            return isOfParent ? listed[name] ?? operation : nil
        }
        let list = shown.sorted { $0.name < $1.name }.map { operation in
            var listed = operation
            if hidesKinds { listed.kind = nil }
            return listed.json
        }
        return page(list)
    }

    func page(_ objects: [String], token: String? = nil) -> PageAnswer {
        let next = token.map { #","nextPageToken":"\#($0)""# } ?? ""
        return PageAnswer(
            body: Array(#"{"operations":[\#(objects.joined(separator: ","))]\#(next)}"#.utf8),
            time: time)
    }

    func fetch(_ operation: OperationIdentity) -> Result<OperationAnswer, CallFailure> {
        fetches += 1
        if let fetchFailure { return .failure(fetchFailure) }
        if denied.contains(operation) {
            return .failure(.denied(ServiceError(http: 403, code: .permissionDenied)))
        }
        guard let known = operations[operation] else {
            return .failure(.notFound(ServiceError(http: 404, code: .notFound)))
        }
        return .success(OperationAnswer(body: Array(known.json.utf8), time: time))
    }

    // MARK: What came of it

    func count(_ kind: MessageKind) -> Int { reports.count { $0.kind == kind } }

    var verdicts: [Verdict] {
        records.compactMap {
            if case .verdict(_, _, let verdict, _, _, _) = $0 { verdict } else { nil }
        }
    }
}

extension JournalRecord {
    var intent: Intent? { if case .intent(let intent) = self { intent } else { nil } }
}
