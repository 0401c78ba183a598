import OpwatchCore
import WireFormat

/// What must be true when a record is durable. Judged before the world knows of it.
enum RecordRules {
    static func findings(_ record: JournalRecord, in world: JudgedWorld) -> [Finding] {
        switch record {
        case .intent(let intent): return IntentRules.intent(intent, in: world)
        case .withdrawn(let id, let reason): return IntentRules.withdrawn(id, reason, in: world)
        case .asked(let id, let http, _, _): return IntentRules.asked(id, http: http, in: world)
        case .verdict(let identity, let id, let verdict, let isLate, _, _):
            let proof = Proof(identity: identity, id: id, verdict: verdict, isLate: isLate)
            return VerdictRules.findings(proof, in: world)
        case .seen(let seen): return TrackingRules.seen(seen, in: world)
        case .warned(let warned): return TrackingRules.warned(warned, in: world)
        case .finished(let identity, let code):
            return TrackingRules.finished(identity, code: code, in: world)
        case .vanished(let identity): return TrackingRules.vanished(identity, in: world)
        case .dropped(let identity): return TrackingRules.dropped(identity, in: world)
        case .started(let identity):
            return TrackingRules.once(identity, record, in: world) { $0.isStarted }
        case .unlisted(let identity):
            return TrackingRules.once(identity, record, in: world) { $0.isUnlisted }
        case .relisted(let identity):
            return TrackingRules.once(identity, record, in: world) { !$0.isUnlisted }
        case .wouldCancel(let would):
            return TrackingRules.once(would.operation, record, in: world) { tracked in
                tracked.wouldCancel.contains {
                    $0.rule == would.rule && $0.clock == would.clock
                        && $0.timeout == would.timeout
                }
            }
        case .stalling(let stalling):
            return TrackingRules.once(stalling.operation, record, in: world) { _ in false }
        // "A cap held a cancel back; written once an operation until it goes."
        case .deferred(let identity, _):
            return TrackingRules.once(identity, record, in: world) { $0.isDeferred }
        case .moved(let identity, _):
            return TrackingRules.once(identity, record, in: world) { _ in false }
        case .breaker(let service, nil, _): return BreakerRules.closed(service, in: world)
        case .open, .close, .policy, .failedCancels, .breaker, .unsupported, .damage,
            .damageAccepted, .spent, .unknown:
            return []
        }
    }
}
