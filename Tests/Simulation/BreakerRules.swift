import OpwatchCore
import WireFormat

/// Whether a breaker may close.
enum BreakerRules {
    /// "Closes after three rounds (a complete poll of every parent that is not stale) below that,
    /// clocks agreeing"; after failed cancels "it closes after an hour"; "a restart never closes
    /// it", and the waiting begins anew. A round has one poll at least.
    static func closed(_ name: String, in world: JudgedWorld) -> [Finding] {
        let service = world.service(name)
        guard let openedAt = service.breakerOpenedAt, !world.wasDamaged else { return [] }
        switch service.breakerCause {
        case .share:
            guard service.agreedPolls < 3 else { return [] }
            return [
                Finding(
                    .breakerClosed,
                    "\(name)'s breaker closes after \(service.agreedPolls) complete polls")
            ]
        case .failedCancels, nil:
            let waited = world.now.duration(since: max(openedAt, world.startedAt))
            guard waited < .seconds(3_600) else { return [] }
            return [Finding(.breakerClosed, "\(name)'s breaker closes after \(waited)")]
        }
    }
}
