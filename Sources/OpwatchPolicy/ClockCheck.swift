import OpwatchCore
import WireFormat

/// Every clock of a rule against the fields and the interval of each of its services.
struct ClockCheck {
    let problems: ProblemList

    /// Refuses clocks that can never run, and warns of those that run badly or not everywhere.
    func check(_ rules: [RuleDraft], services: [ServiceDraft]) {
        for rule in rules where rule.areServicesKnown && !rule.isIgnore {
            let chosen = rule.chosen(from: services)
            for (clock, limit) in rule.timeouts {
                checkFields(for: clock, at: limit.mark, of: chosen)
                checkInterval(for: clock, limit, of: chosen)
            }
        }
    }

    private func checkFields(for clock: Clock, at mark: Mark, of services: [ServiceDraft]) {
        // A service whose fields were refused could be either.
        guard services.allSatisfy({ $0.fields != nil }) else { return }
        let without = services.filter { !($0.fields.map { canRun(clock, with: $0) } ?? false) }
        guard !without.isEmpty else { return }
        let names = without.compactMap { $0.name?.value }
        let verb = names.count > 1 ? "have" : "has"
        let reason = "\(described(names)) \(verb) no \(fieldsNeeded(by: clock))"
        if without.count == services.count {
            problems.error("timeouts.\(clock) can never run: \(reason)", at: mark)
        } else {
            problems.warning("timeouts.\(clock) cannot run everywhere: \(reason)", at: mark)
        }
    }

    /// Whether an API that tells these fields can run the clock.
    private func canRun(_ clock: Clock, with fields: FieldMap) -> Bool {
        switch clock {
        case .total: true
        case .queued, .running: !fields.startTime.isEmpty
        case .stalled: !fields.updateTime.isEmpty || !fields.progress.isEmpty
        }
    }

    private func fieldsNeeded(by clock: Clock) -> String {
        switch clock {
        case .total: "creation time"
        case .queued, .running: "start time"
        case .stalled: "update time and no progress"
        }
    }

    private func checkInterval(
        for clock: Clock, _ limit: Located<Duration>, of services: [ServiceDraft]
    ) {
        let slow = services.filter { service in
            service.interval.map { limit.value < $0 * 3 } ?? false
        }
        guard let longest = slow.compactMap(\.interval).max() else { return }
        problems.warning(
            "timeouts.\(clock) \(DurationText.short(limit.value)) is under three intervals of "
                + "\(described(slow.compactMap { $0.name?.value })) "
                + "(\(DurationText.short(longest)))",
            at: limit.mark)
    }

    /// Up to three names, for a message.
    private func described(_ names: [String]) -> String {
        if names.isEmpty { return "a service" }
        let shown = names.prefix(3).map(\.quoted).joined(separator: ", ")
        let more = names.count > 3 ? " and \(names.count - 3) more" : ""
        return (names.count == 1 ? "service " : "services ") + shown + more
    }
}
