import OpwatchCore
import OpwatchJournal
import OpwatchPolicy
import OpwatchSystemd
import WireFormat

/// What `systemctl status` shows, sent when it changed, at most once a second.
struct StatusBoard {
    private var shown = ""
    private var shownAt: ContinuousClock.Instant?
    private(set) var lastPoll: Timestamp?
    /// When something may have changed that is not shown yet.
    private(set) var nextWake: ContinuousClock.Instant?

    mutating func polled(at time: Timestamp) { lastPoll = time }

    /// Whether a text may be sent now; making one for nothing is dear with thousands of parents.
    mutating func mayShow(at now: ContinuousClock.Instant) -> Bool {
        nextWake = nil
        guard let shownAt, shownAt.duration(to: now) < .seconds(1) else { return true }
        nextWake = shownAt.advanced(by: .seconds(1))
        return false
    }

    /// The text, if it is another than the one that is shown.
    mutating func next(_ text: String, at now: ContinuousClock.Instant) -> String? {
        text == shown ? nil : sent(text, at: now)
    }

    /// Notes a text that goes out with another message.
    mutating func sent(_ text: String, at now: ContinuousClock.Instant) -> String {
        shown = text
        shownAt = now
        nextWake = nil
        return text
    }
}

extension Watcher {
    func showStatus(at now: ContinuousClock.Instant) {
        guard stopBy == nil, status.mayShow(at: now) else { return }
        if let text = status.next(statusText(), at: now) { manager.status(text) }
    }

    /// `14 live, 2 warned, 1 verifying; enforce; last poll 12:04:05`, worst news first.
    func statusText() -> String {
        var parts: [String] = []
        if let refusal {
            let first = refusal.problems.first { $0.severity == .error }
            parts.append(
                "Policy refused (a restart would fail): \(first?.description ?? ""); "
                    + "still under \(plan.policy.hash)")
        }
        if case .down(let reason, let since, _) = journal.health {
            parts.append("Degraded: journal down since \(since.clockTime) (\(reason)), no cancels")
        }
        if state.damage != nil { parts.append("Degraded: journal damaged, observing only") }
        if let spent = spentBudget { parts.append(spent) }
        parts += services.flatMap { troubles(of: $0) }
        if services.isEmpty {
            parts.append("nothing to watch: edit \(configuration.policyPath), then reload")
        } else {
            parts.append(counts)
            parts.append(plan.policy.mode.rawValue)
            parts.append(
                status.lastPoll.map { "last poll \($0.clockTime)" } ?? "first poll under way")
        }
        return parts.joined(separator: "; ")
    }

    /// The hour's cancels that are used up make others wait.
    private var spentBudget: String? {
        let limit = plan.policy.safety.cancelsPerHour
        guard plan.policy.mode == .enforce, let service = services.first,
            state.spent.count(at: serverTime(service)) >= limit
        else { return nil }
        return "no cancels: the hour's \(limit) are used up"
    }

    private var counts: String {
        let warned = state.tables.reduce(0) { $0 + $1.warnings.count }
        let open = state.openCancels.count
        let unproven = looks.values.compactMap(\.verification.unprovenSince).min()
        let since = unproven.map { " (unproven since \($0.clockTime))" } ?? ""
        let lost = unprovableCount == 0 ? "" : ", \(unprovableCount) without the policy to prove it"
        return "\(state.operationCount) live, \(warned) warned, \(open) verifying\(since)\(lost)"
    }

    private func troubles(of service: ServiceWatch) -> [String] {
        var troubles: [String] = []
        let gap = gapMax(service)
        let now = dependencies.instant()
        let late =
            service.partitions.first { $0.trouble != nil }
            ?? service.partitions.first { $0.isStale || $0.unseen(at: now) > gap + $0.lastWalkTime }
        if let late {
            let since =
                (late.troubleSince ?? late.lastCompleteTime)
                .map { " since \($0.clockTime)" } ?? ""
            let cause = cause(of: late).map { " (\($0))" } ?? ""
            troubles.append("Degraded: \(service.name) has no complete poll\(since)\(cause)")
        }
        if let breaker = state.breakers[service.name] {
            troubles.append("Breaker of \(service.name) open: \(breaker.cause.words)")
        }
        if let pause = servicePause(service, at: now) {
            troubles.append("no cancels of \(service.name): \(pause)")
        }
        if let canary = service.canary.operation, !service.line.isEmpty {
            let name = Untrusted.text(canary.name)
            troubles.append(
                "\(service.line.count) cancels of \(service.name) wait for the verdict of \(name)")
        }
        switch service.clock {
        case .missing, .differs: troubles.append("clock of \(service.name) disagrees, no cancels")
        case .unknown, .agrees: break
        }
        return troubles
    }

    /// Pings the watchdog at half its interval, as long as every child keeps its time limit.
    func keepAlive(at now: ContinuousClock.Instant) {
        guard let interval = manager.watchdogInterval else { return }
        if let next = requests.nextWatchdogAt, next > now { return }
        requests.nextWatchdogAt = now.advanced(by: interval / 2)
        if !requests.isHung(at: now) { manager.watchdog() }
    }
}

extension Timestamp {
    /// `12:04:05`, UTC.
    var clockTime: String {
        let text = description
        guard let t = text.firstIndex(of: "T") else { return text }
        return String(text[text.index(after: t)...].prefix(8))
    }
}
