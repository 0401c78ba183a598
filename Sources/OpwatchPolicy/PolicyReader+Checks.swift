import OpwatchCore
import WireFormat

/// What concerns several entries at once.
extension PolicyReader {
    /// A parent belongs to one service of an endpoint.
    mutating func checkPartitions(of services: [ServiceDraft]) {
        var owners: [Endpoint: [String: Int]] = [:]
        for (position, service) in services.enumerated() {
            guard let endpoint = service.endpoint else { continue }
            for parent in service.parents {
                guard let owner = owners[endpoint]?[parent.value] else {
                    owners[endpoint, default: [:]][parent.value] = position
                    continue
                }
                let other = services[owner]
                let name = other.name.map { "service \($0.value.quoted)" } ?? "the service"
                problems.error(
                    "parent \(parent.value.quoted) of \(endpoint) is watched already by \(name) "
                        + "on line \(other.mark.line)", at: parent.mark)
            }
        }
    }

    /// One page a parent is the least that a poll asks for.
    mutating func checkPace(of services: [ServiceDraft]) {
        for service in services {
            guard let interval = service.interval, let perMinute = service.requestsPerMinute,
                let first = service.parents.first
            else { continue }
            let seconds = interval.components.seconds
            let needed = service.parents.count
            // Both factors are bounded: a day, and 60,000.
            let allowed = Int64(perMinute) * seconds / 60
            guard Int64(needed) > allowed else { continue }
            let need = needed == 1 ? "1 parent needs 1" : "\(needed) parents need \(needed)"
            problems.warning(
                "\(need) or more requests every \(describe(interval)); "
                    + "requests_per_minute: \(perMinute) allows \(allowed)", at: first.mark)
        }
    }

    /// Every clock of a rule against the fields and the interval of each of its services.
    mutating func checkClocks(of rules: [RuleDraft], services: [ServiceDraft]) {
        for rule in rules where rule.areServicesKnown && rule.action?.value != .ignore {
            let covered = rule.services.map { $0.map { services[$0] } } ?? services
            for (clock, limit) in rule.timeouts {
                checkFields(for: clock, at: limit.mark, of: covered)
                checkInterval(for: clock, limit, of: covered)
            }
        }
    }

    private mutating func checkFields(for clock: Clock, at mark: Mark, of services: [ServiceDraft])
    {
        // A service whose fields were refused could be either.
        guard services.allSatisfy({ $0.fields != nil }) else { return }
        let without = services.filter { !($0.fields.map(clock.canRun) ?? false) }
        guard !without.isEmpty else { return }
        let names = without.compactMap { $0.name?.value }
        let reason = "\(described(names)) \(names.count > 1 ? "have" : "has") no \(clock.needs)"
        if without.count == services.count {
            problems.error("timeouts.\(clock) can never run: \(reason)", at: mark)
        } else {
            problems.warning("timeouts.\(clock) cannot run everywhere: \(reason)", at: mark)
        }
    }

    private mutating func checkInterval(
        for clock: Clock, _ limit: Located<Duration>, of services: [ServiceDraft]
    ) {
        let slow = services.filter { service in
            service.interval.map { limit.value < $0 * 3 } ?? false
        }
        guard let longest = slow.compactMap(\.interval).max() else { return }
        problems.warning(
            "timeouts.\(clock) \(describe(limit.value)) is under three intervals of "
                + "\(described(slow.compactMap { $0.name?.value })) (\(describe(longest)))",
            at: limit.mark)
    }

    /// Up to three names, for a message.
    private func described(_ names: [String]) -> String {
        if names.isEmpty { return "a service" }
        let shown = names.prefix(3).map(\.quoted).joined(separator: ", ")
        let more = names.count > 3 ? " and \(names.count - 3) more" : ""
        return (names.count == 1 ? "service " : "services ") + shown + more
    }

    /// A duration in the notation of the file.
    func describe(_ duration: Duration) -> String {
        DurationText.short(duration)
    }
}

extension Clock {
    /// Whether an API that tells these fields can run the clock.
    fileprivate func canRun(with fields: FieldMap) -> Bool {
        switch self {
        case .total: true
        case .queued, .running: !fields.startTime.isEmpty
        case .stalled: !fields.updateTime.isEmpty || !fields.progress.isEmpty
        }
    }

    /// The fields without which it cannot.
    fileprivate var needs: String {
        switch self {
        case .total: "creation time"
        case .queued, .running: "start time"
        case .stalled: "update time and no progress"
        }
    }
}
