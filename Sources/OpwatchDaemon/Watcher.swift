import GoogleAuth
import OperationsClient
import OpwatchCore
import OpwatchJournal
import OpwatchPolicy
import OpwatchSystemd
import WireFormat

/// The daemon's one loop: owns state, journal and policy, and alone may block.
///
/// Everything that waits on the outside is a child task that does one request and leaves its answer
/// in the mailbox. The loop takes answers, decides, journals, reports, and starts what is due.
final class Watcher {
    let configuration: DaemonConfiguration
    let dependencies: Dependencies
    let manager: ServiceManager
    let mailbox: Mailbox<WatcherEvent>

    var journal: Journal
    var state: WatchState
    var memory = PollMemory()
    var reporter: Reporter
    var plan: PolicyPlan
    /// The accepted policy whose text is not yet kept beside the journal.
    var unkeptPolicy: LoadedPolicy?
    /// The file on disk is refused: the policy in force goes on, the gate is shut.
    var refusal: PolicyErrors?
    var services: [ServiceWatch] = []
    /// Services that the policy dropped while a cancel of theirs was not proven.
    var retired: [ServiceWatch] = []
    var looks: [WatchState.OperationRef: OpenLook] = [:]
    var closingQueued: Set<WatchState.OperationRef> = []
    var clockWatch: ClockWatch
    var journalWatch = JournalWatch()
    var requests = RequestLog()
    var wouldCancelTimes: [Timestamp] = []
    var status = StatusBoard()
    var lastServiceID = 0
    /// Numbers the walks of all services, so that an answer finds the one that asked and no other.
    var lastWalk: UInt32 = 0
    /// Open cancels that nobody here can prove, because their policy is not kept.
    var unprovableCount = 0
    var nextTurn = 0
    private var isReloadWanted = false
    var nextSummaryAt: ContinuousClock.Instant
    var stopBy: ContinuousClock.Instant?
    /// One row for all pages; its scratch space is reused.
    var row = FieldRow()

    /// How long a shutdown waits for the POST in hand.
    static let stopPatience = Duration.seconds(4)

    init(
        configuration: DaemonConfiguration, dependencies: Dependencies, manager: ServiceManager,
        mailbox: Mailbox<WatcherEvent>, write: @escaping @Sendable (JournalEntry) -> Void,
        policy: LoadedPolicy, journal: consuming Journal, state: WatchState
    ) {
        self.configuration = configuration
        self.dependencies = dependencies
        self.manager = manager
        self.mailbox = mailbox
        self.journal = journal
        self.state = state
        reporter = Reporter(write: write)
        // Lists may go on to show what ended before the start.
        for end in state.ends.all { memory.ended.insert(end, listedIn: 0) }
        plan = PolicyPlan(policy.policy)
        let now = dependencies.instant()
        clockWatch = ClockWatch(wall: dependencies.now(), at: now)
        nextSummaryAt = now.advanced(by: .seconds(86_400))
    }

    /// Watches until a shutdown event; then finishes the effect in hand and closes the journal.
    ///
    /// A cancelled task ends at once: what is in hand then is looked up after the next start.
    func run() async {
        adopt(plan, at: dependencies.instant())
        resumeDenials()
        announceReady()
        let sleep = dependencies.sleep
        await withDiscardingTaskGroup { group in
            while !isFinished {
                let now = dependencies.instant()
                freePlaces(at: now)
                if stopBy == nil { startDue(at: now) }
                startRequests(in: &group, at: now)
                keepAlive(at: now)
                showStatus(at: now)
                let events = await mailbox.take(until: nextWake(after: now), sleep: sleep)
                noticeJump()
                for event in events { act(on: event) }
                if isReloadWanted {
                    isReloadWanted = false
                    reload()
                }
            }
            group.cancelAll()
        }
        close()
    }

    private func act(on event: WatcherEvent) {
        switch event {
        case .page(let request, let parent, let walk, let answer):
            guard let service = ended(request) else { return }
            tookPage(answer, service, parent: parent, walk: walk)
        case .retried(let request, let parent, let walk, let failure):
            guard let service = service(of: request) else { return }
            service.lane.charge(at: dependencies.instant())
            tookRetry(failure, service, parent: parent, walk: walk)
        case .repeated(let request):
            service(of: request)?.lane.charge(at: dependencies.instant())
        case .looked(let request, let operation, let purpose, let answer):
            guard let service = ended(request) else { return }
            tookLook(answer, of: operation, purpose, request, service)
        case .cancelled(let request, let answer):
            guard let service = ended(request) else { return }
            tookCancelAnswer(answer, service)
        case .credentials(let service, let transition): tell(transition, of: service)
        case .reload: isReloadWanted = true
        case .shutdown: stop()
        }
    }

    /// Everything whose time has come, before requests go out.
    private func startDue(at now: ContinuousClock.Instant) {
        dropRetired()
        for service in services { startPolls(of: service, at: now) }
        startLooks(at: now)
        startAttempts(at: now)
        retryJournal(at: now)
        retainFiles(at: now)
        if now >= nextSummaryAt { summarize(at: now) }
    }

    /// When there is something to do that no event tells of; always later than now.
    private func nextWake(after now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        var wake = [requests.nextWatchdogAt, stopBy].compactMap { $0 }.min()
        func consider(_ instant: ContinuousClock.Instant?) {
            if let instant { wake = min(instant, wake ?? instant) }
        }
        if stopBy == nil {
            consider(status.nextWake)
            consider(requests.nextSlowAt)
            consider(nextSummaryAt)
            consider(journalWatch.retryAt)
            consider(journalWatch.retainAt)
            for look in looks.values { consider(look.dueAt) }
            for service in services {
                consider(service.schedule.next)
                if service.attempt == nil, !service.line.isEmpty,
                    let until = service.cancelPause.until, until > now
                {
                    consider(until)
                }
            }
            for service in services + retired { consider(service.lane.wake(at: now)) }
        }
        return wake
    }

    private var isFinished: Bool {
        if Task.isCancelled { return true }
        guard let stopBy else { return false }
        let isPosting = (services + retired).contains { $0.attempt?.posted != nil }
        return !isPosting || dependencies.instant() >= stopBy
    }

    // MARK: Starting and stopping

    private func announceReady() {
        for service in services where service.plan.rules.isEmpty {
            reporter.note(.info, "\(service.name): no rule looks at this service")
        }
        if plan.policy.services.isEmpty {
            reporter.report(.nothingToWatch(path: configuration.policyPath))
        }
        reporter.report(
            .ready(
                services: services.count, mode: plan.policy.mode, tracked: state.operationCount))
        manager.ready(status: status.sent(statusText(), at: dependencies.instant()))
    }

    private func stop() {
        guard stopBy == nil else { return }
        stopBy = dependencies.instant().advanced(by: Self.stopPatience)
        manager.stopping(status: "Stopping: finishing what is in hand")
        for service in services + retired { withdrawUnsent(service, reason: "the daemon stops") }
        reporter.report(.stopping(unproven: state.openCancels.count))
    }

    private func close() {
        for service in services + retired { withdrawUnsent(service, reason: "the daemon stops") }
        if let counts = reporter.summary() { reporter.report(.dailySummary(counts, days: false)) }
        closeJournal()
    }

    /// A journal that is down, or turns down now, gets one more chance: the next start would know
    /// nothing of what is not written.
    private func closeJournal() {
        do throws(JournalError) {
            do throws(JournalError) {
                try journal.close(at: dependencies.now())
            } catch {
                guard beginFile() else { throw error }
                try journal.close(at: dependencies.now())
            }
        } catch {
            reporter.note(.warning, "the journal could not be closed cleanly: \(error)")
        }
    }

    private func summarize(at now: ContinuousClock.Instant) {
        nextSummaryAt = now.advanced(by: .seconds(86_400))
        if let counts = reporter.summary() { reporter.report(.dailySummary(counts, days: true)) }
    }

    private func tell(_ transition: TokenSource.Transition, of service: String) {
        switch transition {
        case .failing(let failure, let left):
            reporter.report(
                .credentialsFailing(
                    service: service, reason: failure.description,
                    until: dependencies.now().advanced(by: left)))
        case .recovered: reporter.report(.credentialsRecovered(service: service))
        }
    }

    /// After a jump of the local clock the next complete poll of every partition only warns.
    private func noticeJump() {
        clockWatch.tick(wall: dependencies.now(), at: dependencies.instant())
        guard clockWatch.takeJump() else { return }
        reporter.note(
            .warning, "the local clock jumped; the next poll of each parent only warns")
        for service in services {
            service.line.removeAll()
            for index in service.partitions.indices {
                service.update(index) { $0.isWarnOnly = true }
            }
        }
        memory.resetStalls { _ in true }
    }
}

/// What reaches the watcher's loop.
enum WatcherEvent: Sendable {
    case page(RequestLog.ID, parent: Int, walk: UInt32, Result<PageAnswer, CallFailure>)
    /// A request for a page failed and is tried again.
    case retried(RequestLog.ID, parent: Int, walk: UInt32, CallFailure)
    /// The GET of an operation is tried again.
    case repeated(RequestLog.ID)
    case looked(
        RequestLog.ID, OperationIdentity, Request.Purpose, Result<OperationAnswer, CallFailure>)
    case cancelled(RequestLog.ID, Result<Asked, CallFailure>)
    /// What is told of the credentials of the service of this name.
    case credentials(service: String, TokenSource.Transition)
    /// Read the policy file again.
    case reload
    /// Finish the effect in hand and end.
    case shutdown

    var isShutdown: Bool { if case .shutdown = self { true } else { false } }
}
