import OpwatchCore
import WireFormat

/// Whether the rails of the service allow the cancel.
enum RailRules {
    static let all: [PostingRule] = [
        breakerOpen, breakerDue, shareOver, canary, unsupported, denied,
    ]

    /// Gate: "breaker closed", by durable records; "a restart never closes it". One that
    /// opens at the very moment may come behind the permit's last check.
    private static func breakerOpen(_ posting: Posting) -> Finding? {
        let service = posting.world.service(posting.intent.record.service)
        guard let openedAt = service.breakerOpenedAt, openedAt < posting.world.now else {
            return nil
        }
        return Finding(.breakerOpen, "\(posting.subject) while \(service.name)'s breaker is open")
    }

    /// "Also opens after `max_failed_cancels` refused or defied in a row, over restarts."
    private static func breakerDue(_ posting: Posting) -> Finding? {
        let service = posting.world.service(posting.intent.record.service)
        let limit = posting.policy.maxFailedCancels
        guard service.isBreakerDue, limit > 0, service.failedInARow >= limit else { return nil }
        return Finding(
            .breakerDue, "\(posting.subject) after \(service.failedInARow) failed in a row")
    }

    /// "Opens when the operations that only rails or a shut service hold back are more than
    /// `max_overdue_share` of those that run and more than `cancels_per_poll`."
    private static func shareOver(_ posting: Posting) -> Finding? {
        let service = posting.world.service(posting.intent.record.service)
        guard let since = service.shareOverSince, service.breakerOpenedAt == nil,
            since < posting.world.now
        else { return nil }
        return Finding(
            .shareOver, "\(posting.subject) although too much of \(service.name) is overdue")
    }

    /// "After a start, a new policy or a closed breaker the first cancel goes alone until its
    /// verdict; one that is refused, defied, denied, unproven or not sent hands on to the next.
    /// Cancels that were open at a start are the canary."
    private static func canary(_ posting: Posting) -> Finding? {
        let record = posting.intent.record
        let world = posting.world
        guard posting.policy.canary, !world.service(record.service).isProven else { return nil }
        let beside = world.openIntents.first { id in
            guard let other = world.intents[id], id != record.id,
                other.record.service == record.service,
                other.record.operation != record.operation
            else { return false }
            return holdsOthers(other, posting)
        }
        guard let beside else { return nil }
        let name = world.intents[beside]?.record.operation.name ?? ""
        return Finding(.canary, "\(posting.subject) while \(name), the canary, has no verdict")
    }

    /// Unproven is one that was told so, or whose `within` has passed without a verdict.
    private static func holdsOthers(_ other: IntentLife, _ posting: Posting) -> Bool {
        switch other.outcome {
        case .refused, .refusedForNow, .denied, .notSent: return false
        case .accepted, .unanswered: break
        }
        if other.isToldUnproven { return false }
        let since = other.postedAt ?? other.durableAt
        let within = min(other.within, posting.policy.verifyWithin) - posting.tolerance
        return posting.world.now.duration(since: since) < within
    }

    /// "UNIMPLEMENTED is remembered for seven days, for the collection and type of metadata."
    private static func unsupported(_ posting: Posting) -> Finding? {
        let sevenDays = Duration.seconds(7 * 86_400) - posting.tolerance
        let type = posting.life.operation.type
        let kind = posting.world.unsupported.first { kind in
            guard kind.endpoint == posting.identity.endpoint,
                kind.collection == posting.identity.collection, kind.at < posting.world.now
            else { return false }
            let isOfType = kind.type == nil || kind.type == type
            return isOfType && posting.world.now.duration(since: kind.at) < sevenDays
        }
        guard kind != nil else { return nil }
        return Finding(.unsupportedKind, "\(posting.subject), whose kind cannot be cancelled")
    }

    /// "Denied on two different operations in a row: the service's cancels are shut, one trial an
    /// hour."
    private static func denied(_ posting: Posting) -> Finding? {
        let service = posting.world.service(posting.intent.record.service)
        guard let shutAt = service.shutAt else { return nil }
        let waited = posting.world.now.duration(since: shutAt)
        guard waited < .seconds(3_600) - posting.tolerance else { return nil }
        return Finding(
            .serviceDenied, "\(posting.subject) \(waited) after \(service.name) denied twice")
    }
}
