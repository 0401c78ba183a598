import OpwatchCore
import OpwatchEngine
import SeededRandom
import WireFormat

/// What lies between the daemon and the simulated services: its requests, and their answers.
struct SimulatedNetwork {
    let places: [SimulatedPolicy.Place]
    private var services: [SimulatedService]
    /// Name and index of the services that the daemon reaches.
    private var connections: [ServiceID: (name: String, index: Int)] = [:]
    private var random: SplitMix
    private var lastGet: UInt64 = 0
    /// The HTTP status of the last answer without a word to a cancel.
    private var wordless: [OperationIdentity: Int] = [:]
    private var isHealed = false

    /// A client gives up after so long.
    private static let patience = Limits.requestTimeout

    /// An answer on its way to the daemon.
    struct Delivery: Sendable {
        let at: Timestamp
        let event: EngineEvent
        /// What the judge sees right before.
        var observations: [Observation] = []
    }

    /// A cancel on its way to the service.
    struct Post: Sendable {
        let id: RequestID
        let operation: OperationIdentity
        let intent: IntentID
        let expires: ContinuousClock.Instant
    }

    init(plan: FaultPlan, start: Timestamp, _ random: inout SplitMix) {
        let count = random.once(in: 4) ? 2 : 1
        var services: [SimulatedService] = []
        var places: [SimulatedPolicy.Place] = []
        for number in 0..<count {
            let endpoint = "https://service-\(number).test/v1"
            let parents = (0...random.below(3)).map { "projects/p\(number)-\($0)" }
            services.append(
                SimulatedService(
                    endpoint: endpoint, parents: parents, plan: plan,
                    random: SplitMix(seed: random.next()), start: start,
                    lives: .random(&random), firstNumber: 1 + number * 1_000_000))
            places.append(SimulatedPolicy.Place(endpoint: endpoint, parents: parents))
        }
        self.services = services
        self.places = places
        self.random = SplitMix(seed: random.next())
    }

    var faultCount: Int { services.reduce(0) { $0 + $1.counts.total } }

    /// The number that the next GET will have.
    var nextGet: UInt64 { lastGet + 1 }

    mutating func connect(_ id: ServiceID, _ service: WatchedService?) {
        connections[id] = service.flatMap { service in
            services.firstIndex { $0.endpoint == service.endpoint.description }
                .map { (service.name, $0) }
        }
    }

    /// Lets the truth happen until then, in order.
    mutating func advance(to time: Timestamp, _ see: (Timestamp, Observation) -> Void) {
        while let next = services.compactMap(\.nextChange).min(), next <= time {
            for index in services.indices {
                for observation in services[index].advance(to: next) { see(next, observation) }
            }
        }
        for index in services.indices {
            for observation in services[index].advance(to: time) { see(time, observation) }
        }
    }

    mutating func heal(at now: Timestamp) {
        isHealed = true
        for index in services.indices { services[index].heal(at: now) }
    }

    // MARK: Requests

    /// - Returns: what reaches the daemon for it: a failed try that is repeated, and the answer.
    mutating func send(
        _ id: RequestID, _ request: Request, at now: Timestamp, _ instant: ContinuousClock.Instant
    ) -> [Delivery] {
        switch request {
        case .page(let partition, let walk, _, let list):
            return page(id, partition, walk, list, at: now, instant)
        case .fetch(let operation, let purpose):
            lastGet += 1
            return fetch(id, operation, purpose, at: now, instant)
        }
    }

    private mutating func page(
        _ id: RequestID, _ partition: PartitionID, _ walk: UInt32, _ list: ListRequest,
        at now: Timestamp, _ instant: ContinuousClock.Instant
    ) -> [Delivery] {
        guard let (name, index) = connections[id.service] else { return [] }
        var reply = services[index].list(
            parent: list.parent, filter: list.filter, pageSize: list.pageSize,
            pageToken: list.pageToken, at: now)
        Self.limit(&reply)
        let at = now.advanced(by: reply.delay)
        switch reply.result {
        case .failure(let failure):
            var deliveries: [Delivery] = []
            if random.once(in: 4) {
                deliveries.append(
                    Delivery(
                        at: now.advanced(by: reply.delay / 2),
                        event: .pageRetried(id, partition, walk: walk, failure)))
            }
            deliveries.append(
                Delivery(
                    at: at, event: .page(id, partition, walk: walk, .failure(failure)),
                    observations: [.pageFailed(service: name, parent: list.parent, walk: walk)]))
            return deliveries
        case .success(let page):
            let time = AnswerTime(sentAt: instant, date: reply.date)
            let shown = ShownPage(
                service: name, parent: list.parent, walk: walk,
                isFirst: list.pageToken == nil, isLast: page.isLast,
                unreachable: page.unreachable, shown: page.shown, date: reply.date)
            return [
                Delivery(
                    at: at,
                    event: .page(
                        id, partition, walk: walk,
                        .success(PageAnswer(body: page.body, time: time))),
                    observations: [
                        page.isBroken
                            ? .pageFailed(service: name, parent: list.parent, walk: walk)
                            : .page(shown)
                    ])
            ]
        }
    }

    private mutating func fetch(
        _ id: RequestID, _ operation: OperationIdentity, _ purpose: FetchPurpose,
        at now: Timestamp, _ instant: ContinuousClock.Instant
    ) -> [Delivery] {
        guard let (_, index) = connections[id.service] else { return [] }
        let number = lastGet
        var reply = services[index].get(name: operation.name, at: now)
        Self.limit(&reply)
        let at = now.advanced(by: reply.delay)
        switch reply.result {
        case .failure(let failure):
            return [
                Delivery(
                    at: at, event: .fetched(id, operation, purpose, .failure(failure)),
                    observations: [
                        failure.saysGone
                            ? .getAnswered(request: number, nil) : .getFailed(request: number)
                    ])
            ]
        case .success(let outcome):
            let answer = OperationAnswer(
                body: outcome.body, time: AnswerTime(sentAt: instant, date: reply.date))
            return [
                Delivery(
                    at: at, event: .fetched(id, operation, purpose, .success(answer)),
                    observations: outcome.isBroken
                        ? [.getFailed(request: number)]
                        : [
                            .getDated(request: number, reply.date),
                            .getAnswered(request: number, outcome.shown),
                        ])
            ]
        }
    }

    /// - Returns: the answer, and the true operation that the POST hit; nil where it hit none.
    mutating func post(_ post: Post, at now: Timestamp) -> (Delivery, number: Int?) {
        let index = services.firstIndex { $0.endpoint == post.operation.endpoint.description } ?? 0
        var reply = services[index].cancel(name: post.operation.name, at: now)
        let isLate = reply.delay > Self.patience
        Self.limit(&reply)
        var result: Result<Asked, CallFailure> = reply.result.map { _ in Asked(httpStatus: 200) }
        var answer = isLate ? PostAnswer.lost : reply.postAnswer
        // A 2xx is an answer, whoever wrote its body.
        if case .failure(.foreign(http: 200, _)) = reply.result {
            (result, answer) = (.success(Asked(httpStatus: 200)), .accepted)
        }
        answer = inWords(answer, reply.result, of: post.operation)
        let delivery = Delivery(
            at: now.advanced(by: reply.delay), event: .cancelAnswered(post.id, result),
            observations: [
                .postAnswered(intent: post.intent, answer)
            ])
        return (delivery, reply.fate.didArrive ? reply.fate.number : nil)
    }

    /// A verdict ends what was counted about an operation.
    mutating func forget(_ operation: OperationIdentity) { wordless[operation] = nil }

    /// What nobody put into words counts when it is repeated.
    private mutating func inWords(
        _ answer: PostAnswer, _ result: Result<CancelOutcome, CallFailure>,
        of operation: OperationIdentity
    ) -> PostAnswer {
        guard case .failure(.wordless(let http)) = result else {
            wordless[operation] = nil
            return answer
        }
        defer { wordless[operation] = http }
        guard wordless[operation] == http, let code = StatusCode(http: http) else {
            return .wordless
        }
        return .error(code.rawValue)
    }

    /// No client waits for ever.
    private static func limit<Outcome>(_ reply: inout Reply<Outcome>) {
        guard reply.delay > patience else { return }
        reply.delay = patience
        reply.result = .failure(.timedOut(after: patience, sent: .maybe))
        reply.date = nil
    }
}
