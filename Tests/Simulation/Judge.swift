import OpwatchCore
import WireFormat

/// A second, simpler model of what `opwatchd` is allowed to do, written from its specification. It
/// sees the truth, what the daemon was shown and what it did, and says what was wrong.
///
/// Deterministic; memory grows with the number of operations only.
struct Judge: Sendable {
    /// In the order in which they were found; the first twenty.
    private(set) var violations: [Violation] = []
    private var world = JudgedWorld()
    private static let violationsMax = 20

    init() {}

    /// Takes the next observation of a run; times never go back.
    mutating func see(_ observation: Observation, at trueTime: Timestamp) {
        world.now = trueTime
        switch observation {
        case .born(let operation): world.bear(operation)
        case .started(let number, let time): world.live(number) { $0.start(at: time) }
        case .progressed(let number): world.live(number) { $0.progress(at: trueTime) }
        case .ended(let number, let code): world.live(number) { $0.end(code: code, at: trueTime) }
        case .gone(let number): world.live(number) { $0.vanish(at: trueTime) }
        case .cancelledByOther(let number): world.live(number) { $0.flag(at: trueTime) }
        case .daemonStarted: world.startDaemon()
        case .daemonKilled: world.killDaemon()
        case .policyInForce(let policy): world.enforce(policy)
        case .policyRefused: world.refusePolicy()
        case .page(let page): world.absorb(page)
        case .pageFailed(let service, let parent, let walk):
            world.failPage(service: service, parent: parent, walk: walk)
        case .getSent(let endpoint, let name, let request):
            world.sendGet(request, endpoint: endpoint, name: name)
        case .getDated(let request, let date): world.dateGet(request, date)
        case .getAnswered(let request, let shown): world.answerGet(request, shown)
        case .getFailed(let request): world.failGet(request)
        case .permitted(let endpoint, let name, let intent):
            permit(intent, to: OperationIdentity(endpoint: Endpoint(endpoint), name: name))
        case .posted(let endpoint, let name, let intent):
            post(intent, to: OperationIdentity(endpoint: Endpoint(endpoint), name: name))
        case .postArrived(let endpoint, let name, let number):
            let identity = OperationIdentity(endpoint: Endpoint(endpoint), name: name)
            report(CancelRules.arrival(at: number, identity, in: world))
        case .postAnswered(let intent, let answer): world.answerPost(intent, answer)
        case .durable(let records): keep(records)
        case .held: world.hold()
        case .told(let kind, let operation, let text): tell(kind, operation, text)
        case .clockOff(let offset): world.setClock(off: offset)
        case .healed: world.heal()
        case .finished: report(Liveness.findings(in: world))
        }
    }

    /// Whether anything has waited for longer than that since all faults ended.
    func isWaiting(longerThan wait: Duration) -> Bool {
        !Liveness.findings(in: world, longest: wait).isEmpty
    }

    /// All conditions are checked here: what happens behind the last check is tolerated.
    private mutating func permit(_ id: IntentID, to identity: OperationIdentity) {
        report(CancelRules.findings(id, to: identity, in: world))
        world.permit(id)
    }

    private mutating func post(_ id: IntentID, to identity: OperationIdentity) {
        report(CancelRules.departure(id, to: identity, in: world))
        world.post(id, to: identity)
    }

    private mutating func keep(_ records: [JournalRecord]) {
        for record in records {
            report(RecordRules.findings(record, in: world))
            world.keep(record)
        }
        world.heldSince = nil
    }

    private mutating func tell(_ kind: String?, _ operation: String?, _ text: String) {
        if let operation {
            report(TellingRules.findings(kind: kind, operation: operation, text: text, in: world))
        }
        world.tell(kind: kind, operation: operation)
        // Many of one kind at once: the last one speaks for those that it counts.
        if text.hasPrefix("and "), text.contains(" more of this kind") {
            world.tell(kind: kind, operation: nil)
        }
    }

    private mutating func report(_ findings: [Finding]) {
        for finding in findings where violations.count < Self.violationsMax {
            violations.append(
                Violation(at: world.now, rule: finding.rule.rawValue, story: finding.story))
        }
    }
}
