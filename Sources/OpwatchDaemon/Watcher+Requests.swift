import OperationsClient
import OpwatchCore
import OpwatchJournal
import Synchronization
import WireFormat

/// The requests under way, so that answers find their service and its lane, and a hung child is
/// noticed.
struct RequestLog {
    struct ID: Sendable, Hashable {
        let number: UInt64
        let service: Int
    }

    private var last: UInt64 = 0
    private var underWay: [ID: Entry] = [:]
    var nextWatchdogAt: ContinuousClock.Instant?

    private struct Entry {
        let limit: ContinuousClock.Instant
        /// nil for a POST, which has the tokens of its GET and no place.
        let priority: LanePriority?
        let begunAt: ContinuousClock.Instant
        /// It took long, and its place is another's by now.
        var isSlow = false

        /// When it leaves its place; nil where it has none, or keeps it.
        var slowAt: ContinuousClock.Instant? {
            guard let priority, priority != .gatePair, !isSlow else { return nil }
            return begunAt.advanced(by: RequestLog.placeTime)
        }
    }

    /// Who takes longer than most connections need leaves its place to the next one, so that a
    /// few that hang hold up no other of their kind.
    private static let placeTime = Duration.seconds(5)

    /// A child that takes this much longer than its call may is hung.
    private static let patience = Duration.seconds(30)
    /// Of a list or get with its retries.
    static let callLimit = OperationsClient.Bounds().callTime + patience
    /// Of a single request.
    static let requestLimit = Limits.requestTimeout + patience

    mutating func begin(
        service: Int, _ priority: LanePriority?, limit: Duration, at now: ContinuousClock.Instant
    ) -> ID {
        last += 1
        let id = ID(number: last, service: service)
        underWay[id] = Entry(
            limit: now.advanced(by: limit), priority: priority, begunAt: now)
        return id
    }

    /// Takes a request off the books; gives its place in the lane, and whether it had left that.
    mutating func end(_ id: ID) -> (priority: LanePriority, wasSlow: Bool)? {
        guard let entry = underWay.removeValue(forKey: id), let priority = entry.priority else {
            return nil
        }
        return (priority, entry.isSlow)
    }

    /// The requests that leave their places now.
    mutating func takeSlow(at now: ContinuousClock.Instant) -> [(id: ID, priority: LanePriority)] {
        var slow: [(id: ID, priority: LanePriority)] = []
        for (id, entry) in underWay {
            guard let priority = entry.priority, let slowAt = entry.slowAt, slowAt <= now else {
                continue
            }
            underWay[id]?.isSlow = true
            slow.append((id, priority))
        }
        return slow
    }

    /// When the next one leaves its place.
    var nextSlowAt: ContinuousClock.Instant? {
        underWay.values.compactMap(\.slowAt).min()
    }

    /// Whether some child is past its own time limit, which no child can be.
    func isHung(at now: ContinuousClock.Instant) -> Bool {
        underWay.values.contains { $0.limit < now }
    }
}

/// Hands a permit into a child task: a closure cannot use up what it captures, a box can.
private final class PermitBox: Sendable {
    private let permit: Mutex<CancelPermit?>

    init(_ permit: consuming CancelPermit) {
        self.permit = Mutex(permit)
    }

    func take() -> CancelPermit? {
        permit.withLock { $0.take() }
    }
}

extension Watcher {
    /// Sends what waits, as far as each service's lane allows.
    func startRequests(in group: inout DiscardingTaskGroup, at now: ContinuousClock.Instant) {
        for service in services + retired {
            while stopBy == nil, let request = service.lane.next(at: now) {
                start(request, service, in: &group, at: now)
            }
            checkOutgoing(service)
            if let posting = service.outgoing.take() {
                start(posting, service, in: &group, at: now)
            }
        }
    }

    private func start(
        _ request: Request, _ service: ServiceWatch, in group: inout DiscardingTaskGroup,
        at now: ContinuousClock.Instant
    ) {
        let client = service.client
        let mailbox = mailbox
        let id = requests.begin(
            service: service.id, request.priority, limit: RequestLog.callLimit, at: now)
        switch request {
        case .page(let parent, let walk, _, let list):
            group.addTask {
                let answer = await Result.of { () async throws(CallFailure) in
                    try await client.list(list) { failure in
                        mailbox.send(.retried(id, parent: parent, walk: walk, failure))
                    }
                }
                mailbox.send(.page(id, parent: parent, walk: walk, answer))
                await client.renewToken()
            }
        case .look(let operation, let purpose):
            if purpose == .gate { service.gateLook = id }
            group.addTask {
                let answer = await Result.of { () async throws(CallFailure) in
                    let noticing = { @Sendable (_: CallFailure) in mailbox.send(.repeated(id)) }
                    return purpose == .gate
                        ? try await client.getOnce(operation.name, noticing: noticing)
                        : try await client.get(operation.name, noticing: noticing)
                }
                mailbox.send(.looked(id, operation, purpose, answer))
                await client.renewToken()
            }
        }
    }

    /// Sends the one POST of a permit.
    private func start(
        _ permit: consuming CancelPermit, _ service: ServiceWatch,
        in group: inout DiscardingTaskGroup, at now: ContinuousClock.Instant
    ) {
        let client = service.client
        let mailbox = mailbox
        let id = requests.begin(
            service: service.id, nil, limit: RequestLog.requestLimit, at: now)
        let box = PermitBox(permit)
        group.addTask {
            let answer = await Result.of { () async throws(CallFailure) in
                guard let permit = box.take() else {
                    throw CallFailure.notSent(reason: "the permit was used up")
                }
                return try await client.cancel(permit)
            }
            mailbox.send(.cancelled(id, answer))
        }
    }

    /// Takes a request off the books; nil where its service is gone.
    func ended(_ id: RequestLog.ID) -> ServiceWatch? {
        let place = requests.end(id)
        let service = service(of: id)
        if let place { service?.lane.ended(place.priority, wasSlow: place.wasSlow) }
        return service
    }

    /// Places whose requests take long are free for others.
    func freePlaces(at now: ContinuousClock.Instant) {
        for slow in requests.takeSlow(at: now) {
            service(of: slow.id)?.lane.slowed(slow.priority)
        }
    }

    func service(of id: RequestLog.ID) -> ServiceWatch? {
        (services + retired).first { $0.id == id.service }
    }
}

extension Result where Failure == CallFailure {
    /// What an async call gave, as a value that can wait in a mailbox.
    fileprivate static func of(
        _ body: () async throws(CallFailure) -> Success
    ) async -> Self {
        do throws(CallFailure) {
            return .success(try await body())
        } catch {
            return .failure(error)
        }
    }
}
