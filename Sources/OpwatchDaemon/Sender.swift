import OperationsClient
import OpwatchCore
import OpwatchEngine
import Synchronization

/// Sends what the loop wants sent: one child task a request, which leaves its answer in the
/// mailbox.
final class Sender {
    private let world: World
    private let mailbox: Mailbox<LoopEvent>
    private var clients: [ServiceID: OperationsClient] = [:]

    init(in world: World, to mailbox: Mailbox<LoopEvent>) {
        self.world = world
        self.mailbox = mailbox
    }

    func perform(_ outgoing: consuming Outgoing, in group: inout DiscardingTaskGroup) {
        switch consume outgoing {
        case .connection(let id, let service): connect(id, service)
        case .request(let id, let request): send(request, id, in: &group)
        case .cancel(let permit): send(permit, in: &group)
        case .freshCredentials: for client in clients.values { client.retryCredentials() }
        }
    }

    private func connect(_ id: ServiceID, _ service: WatchedService?) {
        let mailbox = mailbox
        clients[id] = service.map { service in
            world.client(service) { transition in
                mailbox.send(.credentials(service: service.name, transition))
            }
        }
    }

    private func client(_ id: RequestID) -> OperationsClient {
        guard let client = clients[id.service] else {
            preconditionFailure("A request belongs to a service that is reached.")
        }
        return client
    }

    private func send(
        _ request: Request, _ id: RequestID, in group: inout DiscardingTaskGroup
    ) {
        let (client, mailbox) = (client(id), mailbox)
        switch request {
        case .page(let partition, let walk, _, let list):
            group.addTask {
                let answer = await Result.of { () async throws(CallFailure) in
                    try await client.list(list) { failure in
                        mailbox.send(
                            .engine(.pageRetried(id, partition, walk: walk, failure)))
                    }
                }
                mailbox.send(.engine(.page(id, partition, walk: walk, answer)))
                await client.renewToken()
            }
        case .fetch(let operation, let purpose):
            group.addTask {
                let answer = await Result.of { () async throws(CallFailure) in
                    let noticing = { @Sendable (_: CallFailure) in
                        mailbox.send(.engine(.fetchRepeated(id)))
                    }
                    return switch purpose {
                    case .gate: try await client.getOnce(operation.name, noticing: noticing)
                    case .verify, .closing:
                        try await client.get(operation.name, noticing: noticing)
                    }
                }
                mailbox.send(.engine(.fetched(id, operation, purpose, answer)))
                await client.renewToken()
            }
        }
    }

    /// Sends the one POST of a permit.
    private func send(
        _ permit: consuming OutgoingPermit, in group: inout DiscardingTaskGroup
    ) {
        let id = permit.id
        let (client, mailbox) = (client(id), mailbox)
        let box = PermitBox(permit.open())
        group.addTask {
            let answer = await Result.of { () async throws(CallFailure) in
                guard let permit = box.take() else {
                    throw CallFailure.notSent(reason: "the permit was used up")
                }
                return try await client.cancel(permit)
            }
            mailbox.send(.engine(.cancelAnswered(id, answer)))
        }
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
