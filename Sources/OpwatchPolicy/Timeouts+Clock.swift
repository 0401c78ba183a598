import OpwatchCore

extension Timeouts {
    mutating func set(_ clock: Clock, to limit: Duration) {
        switch clock {
        case .total: total = limit
        case .queued: queued = limit
        case .running: running = limit
        case .stalled: stalled = limit
        }
    }
}
