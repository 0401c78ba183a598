package import GoogleAuth
import OperationsClient
package import OpwatchCore
package import OpwatchEngine
import OpwatchJournal
import OpwatchPolicy
import OpwatchReports
import OpwatchSystemd
import WireFormat

/// One step of the daemon after another, none of which waits: hands events to the engine and
/// performs what it asks for, records durable first, then requests, then reports.
package final class DaemonLoop {
    let configuration: DaemonConfiguration
    let world: World
    package let engine: Engine
    let keeper: JournalKeeper
    let reporter: Reporter
    private let manager: ServiceManager
    private var plan: PolicyPlan
    /// Why the policy file on disk is refused.
    private var refusal: PolicyErrors?
    private var status = StatusBoard()
    /// Of records that are not durable yet.
    private var heldReports: [Report] = []
    private var nextWatchdogAt: ContinuousClock.Instant?
    private var nextSummaryAt: ContinuousClock.Instant
    private var stopBy: ContinuousClock.Instant?

    /// How long a shutdown waits for the POST in hand.
    private static let stopPatience = Duration.seconds(4)
    private static let day = Duration.seconds(86_400)

    /// - Parameters:
    ///   - policy: valid, to be in force from the start.
    ///   - state: what the journal holds.
    init(
        _ configuration: DaemonConfiguration, world: World, manager: ServiceManager,
        write: @escaping @Sendable (JournalEntry) -> Void, policy: LoadedPolicy,
        journal: consuming Journal, state: WatchState
    ) {
        self.configuration = configuration
        self.world = world
        self.manager = manager
        reporter = Reporter(write: write)
        plan = PolicyPlan(policy.policy)
        let now = world.moment
        engine = Engine(
            plan, state: state, jitter: world.jitter,
            callTime: OperationsClient.Bounds().callTime, at: now)
        keeper = JournalKeeper(journal, of: engine, in: world, configuration, reporter)
        keeper.keep(policy)
        nextSummaryAt = now.instant.advanced(by: Self.day)
    }

    // MARK: Steps

    /// Begins to watch.
    package func start(_ perform: (consuming Outgoing) -> Void) {
        let kept = keeper.keptPolicies(for: plan)
        handle(engine.start(kept: kept, at: world.moment), perform)
        tellPolicy()
        reporter.report(
            .ready(
                services: plan.services.count, mode: plan.policy.mode,
                tracked: engine.state.operationCount))
        manager.ready(status: status.sent(statusText, at: world.instant()))
    }

    /// Takes events and does everything that is due.
    package func step(_ events: [LoopEvent], _ perform: (consuming Outgoing) -> Void) {
        var isReloadWanted = false
        for event in events {
            switch event {
            case .engine(let event): handle(engine.take(event, at: world.moment), perform)
            case .credentials(let service, let transition): tell(transition, of: service)
            case .reload: isReloadWanted = true
            case .shutdown: stop(perform)
            }
        }
        if isReloadWanted, stopBy == nil { reload(perform) }
        while handle(engine.turn(at: world.moment), perform) {}
        let now = world.instant()
        if stopBy == nil {
            keeper.retry(at: now)
            tellHeld()
            keeper.retain(plan.policy.retention, at: now)
            if now >= nextSummaryAt { summarize(at: now) }
            showStatus(at: now)
        }
        keepAlive()
    }

    /// Performs the effects of one step of the engine.
    /// - Returns: whether there were records or intents, so that a turn has to follow at once.
    @discardableResult
    private func handle(
        _ effects: consuming Effects, _ perform: (consuming Outgoing) -> Void
    ) -> Bool {
        var effects = effects
        let isDurable = keeper.append(effects.records)
        if let time = effects.serverTime { keeper.note(serverTime: time) }
        for connection in effects.connections {
            perform(.connection(connection.id, connection.service))
        }
        for draft in effects.intents {
            if let recorded = keeper.record(draft) {
                let taken = engine.take(recorded: recorded, of: draft.service, at: world.moment)
                keeper.intentTaken()
                handle(taken, perform)
            } else {
                handle(engine.take(.intentFailed(draft.service), at: world.moment), perform)
            }
        }
        for (id, request) in effects.requests { perform(.request(id, request)) }
        if let permit = effects.takePermit() { perform(.cancel(permit)) }
        reporter.report(isDurable ? effects.reports : hold(effects.reports))
        return !effects.records.isEmpty || !effects.intents.isEmpty
    }

    /// Keeps what stands for records that are not durable until they are, so that nobody hears of
    /// an end that the next start knows nothing of.
    /// - Returns: what may be told all the same.
    private func hold(_ reports: [Report]) -> [Report] {
        heldReports += reports.filter(\.isOfRecord)
        return reports.filter { !$0.isOfRecord }
    }

    private func tellHeld() {
        guard !heldReports.isEmpty, keeper.trouble == nil else { return }
        reporter.report(heldReports)
        heldReports = []
    }

    /// When there is something to do that no event tells of; nil where only events matter.
    package func nextWake(after now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        var wake = nextWatchdogAt
        func consider(_ instant: ContinuousClock.Instant?) {
            if let instant { wake = min(instant, wake ?? instant) }
        }
        guard stopBy == nil else {
            consider(stopBy)
            return wake
        }
        consider(engine.nextWake(after: now))
        consider(status.nextWake)
        consider(nextSummaryAt)
        consider(keeper.retryAt)
        consider(keeper.retainAt)
        return wake
    }

    // MARK: The policy file again

    /// Reads the policy file again; a bad one shuts the gate and changes nothing else.
    private func reload(_ perform: (consuming Outgoing) -> Void) {
        let path = configuration.policyPath
        manager.reloading(status: "Reloading \(path)")
        do throws(PolicyErrors) {
            let loaded = try world.policy(path)
            refusal = nil
            accept(loaded, perform)
        } catch {
            refusal = error
            handle(engine.take(.policyRefused, at: world.moment), perform)
            for problem in error.problems {
                reporter.note(
                    problem.severity == .error ? .error : .warning, problem.description)
            }
            reporter.report(.policyRefused(error, path: path, inForce: plan.policy.hash))
        }
        // Whoever reloads wants to see what is so now.
        handle(engine.take(.pausesEnded, at: world.moment), perform)
        perform(.freshCredentials)
        manager.ready(status: status.sent(statusText, at: world.instant()))
    }

    private func accept(_ loaded: LoadedPolicy, _ perform: (consuming Outgoing) -> Void) {
        for warning in loaded.warnings { reporter.note(.warning, warning.description) }
        if loaded.policy.hash != plan.policy.hash {
            plan = PolicyPlan(loaded.policy)
            keeper.keep(loaded)
        }
        let kept = keeper.keptPolicies(for: plan)
        handle(engine.take(.policy(plan, kept: kept), at: world.moment), perform)
        tellPolicy()
    }

    // MARK: The end

    /// Whether a shutdown has nothing left to wait for.
    package var isFinished: Bool {
        guard let stopBy else { return false }
        return !engine.isPosting || world.instant() >= stopBy
    }

    private func stop(_ perform: (consuming Outgoing) -> Void) {
        guard stopBy == nil else { return }
        stopBy = world.instant().advanced(by: Self.stopPatience)
        keeper.isStopping = true
        manager.stopping(status: "Stopping: finishing what is in hand")
        handle(engine.take(.shutdown, at: world.moment), perform)
        reporter.report(.stopping(unproven: engine.state.openCancels.count))
    }

    /// Leaves everything as the next start finds it.
    package func close() {
        handle(engine.take(.shutdown, at: world.moment)) { _ in }
        if let counts = reporter.summary() { reporter.report(.dailySummary(counts, days: false)) }
        // What even now is not durable the next start finds again, and tells.
        if keeper.close() { reporter.report(heldReports) }
    }

    // MARK: What is told

    private func tellPolicy() {
        reporter.report(.policyLoaded(plan.policy, path: configuration.policyPath))
        if plan.policy.services.isEmpty {
            reporter.report(.nothingToWatch(path: configuration.policyPath))
        }
    }

    private func summarize(at now: ContinuousClock.Instant) {
        nextSummaryAt = now.advanced(by: Self.day)
        if let counts = reporter.summary() { reporter.report(.dailySummary(counts, days: true)) }
    }

    private func tell(_ transition: TokenSource.Transition, of service: String) {
        switch transition {
        case .failing(let failure, let left):
            reporter.report(
                .credentialsFailing(
                    service: service, reason: failure.description,
                    until: world.now().advanced(by: left)))
        case .recovered: reporter.report(.credentialsRecovered(service: service))
        }
    }

    private var statusText: String {
        StatusText(
            standing: engine.standing, policyPath: configuration.policyPath,
            refusal: refusal.map { ($0, plan.policy.hash) }, journalTrouble: keeper.trouble
        ).text
    }

    private func showStatus(at now: ContinuousClock.Instant) {
        guard manager.isPresent, status.mayShow(at: now) else { return }
        if let text = status.next(statusText, at: now) { manager.status(text) }
    }

    /// Pings the watchdog at half its interval, as long as every request keeps its time limit.
    func keepAlive() {
        guard let interval = manager.watchdogInterval else { return }
        let now = world.instant()
        if let next = nextWatchdogAt, next > now { return }
        nextWatchdogAt = now.advanced(by: interval / 2)
        if !engine.isHung(at: now) { manager.watchdog() }
    }
}

/// What reaches the loop.
package enum LoopEvent: Sendable {
    case engine(EngineEvent)
    /// What is told of the credentials of the service of this name.
    case credentials(service: String, TokenSource.Transition)
    /// Read the policy file again.
    case reload
    /// Finish what is in hand and end.
    case shutdown

    var isShutdown: Bool { if case .shutdown = self { true } else { false } }
}

/// What a step wants sent.
package enum Outgoing: ~Copyable {
    /// A service is reached from now on, or reached otherwise; nil: no longer.
    case connection(ServiceID, WatchedService?)
    case request(RequestID, Request)
    case cancel(OutgoingPermit)
    /// An operator may have mended what kept credentials from coming.
    case freshCredentials
}
