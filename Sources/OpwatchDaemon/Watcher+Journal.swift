import OpwatchCore
import OpwatchJournal
import OpwatchSystemd
import WireFormat

/// What one page, poll or answer changed: written together, told afterwards.
struct Batch {
    var records: [JournalRecord] = []
    var reports: [Report] = []
}

/// What the loop has to see to of its journal, and when.
struct JournalWatch {
    /// Set while the journal is down.
    var retryAt: ContinuousClock.Instant?
    /// When files may be past their time; nil until a service's clock agrees with ours.
    var retainAt: ContinuousClock.Instant?
    /// More than the policy allows is told once.
    var isTooLarge = false
    /// Since the last comparison with the fold of the journal.
    var uncheckedRecords = 0
    /// What the state let go by then may still stand in the journal.
    var prunedAt: Timestamp?
}

extension Watcher {
    /// Takes a fact into the state and puts it, with its report, into the batch.
    /// - Returns: whether the state took it.
    @discardableResult
    func apply(
        _ record: JournalRecord, _ service: ServiceWatch, into batch: inout Batch
    ) -> Bool {
        // Some reports need what the record is about to remove.
        let report = report(of: record, service)
        guard applyToState(record) else { return false }
        batch.records.append(record)
        if let report { batch.reports.append(report) }
        return true
    }

    /// One fact by itself.
    func commit(_ record: JournalRecord, _ service: ServiceWatch) {
        var batch = Batch()
        apply(record, service, into: &batch)
        commit(batch)
    }

    /// - Returns: whether the state took it.
    @discardableResult
    func applyToState(_ record: JournalRecord) -> Bool {
        let removed = removedOperation(by: record)
        let walk = removed.map { memory.listedIn($0, serial: state.serial($0)) } ?? 0
        let endCount = state.ends.count
        do throws(WatchState.IllegalTransition) {
            try state.apply(record)
        } catch {
            reporter.note(.error, "a record that cannot follow was left out: \(error)")
            return false
        }
        if let removed, !state.tables[removed.table].isLive(removed.slot) {
            memory.forget(removed)
            if state.ends.count > endCount, let end = state.ends.last {
                memory.ended.insert(end, listedIn: walk)
            }
            looks[removed] = nil
            closingQueued.remove(removed)
        }
        return true
    }

    private func removedOperation(by record: JournalRecord) -> WatchState.OperationRef? {
        switch record {
        case .finished(let operation, _), .vanished(let operation), .dropped(let operation),
            .verdict(let operation, _, _, _, _, _):
            state.find(operation)
        default: nil
        }
    }

    /// Makes the batch durable, then tells of it.
    ///
    /// With the journal down the daemon goes on and tells all the same: the state in memory is
    /// written as a checkpoint when the disk is back, and until then nothing is cancelled.
    func commit(_ batch: Batch) {
        if !batch.records.isEmpty {
            let wasHealthy = journal.health == .healthy
            do throws(JournalError) {
                try journal.append(batch.records, at: dependencies.now())
                rollIfDue()
                checkFold(behind: batch.records.count)
            } catch {
                if wasHealthy { journalFailed(error) }
            }
        }
        reporter.report(batch.reports)
    }

    private func rollIfDue() {
        guard stopBy == nil, journal.needsRoll(at: dependencies.now()) else { return }
        if !beginFile() { tellJournalDown() }
    }

    /// A large state takes a second to write: the watchdog hears that the loop goes on meanwhile.
    /// A shutdown that comes now may as well have come before; one that is under way has its file.
    private func isRollWanted() -> Bool {
        keepAlive(at: dependencies.instant())
        return !mailbox.contains { $0.isShutdown }
    }

    /// - Returns: whether the journal is healthy now.
    func beginFile() -> Bool {
        if let loss = journal.findLoss(),
            applyToState(.damage(file: loss.file, offset: loss.offset))
        {
            reporter.report(.journalDamaged(file: loss.file, offset: loss.offset))
        }
        let isHealthy = journal.repair(
            checkpoint: state.checkpoint(), at: dependencies.now(), pulse: isRollWanted)
        guard isHealthy else { return false }
        let untold = journal.takeUntoldCount()
        if untold > 0 {
            reporter.note(
                .warning,
                "\(untold) lines about the time without a journal are lost, it was too long")
        }
        journalWatch.retainAt = journalWatch.retainAt.map { _ in dependencies.instant() }
        keepPolicyText()
        return true
    }

    func journalFailed(_ error: JournalError) {
        if case .unwritable = error {
            reporter.note(.error, "a record could not be written: \(error)")
            return
        }
        // One roll at once: the usual fault is a single write, and a new file mends it.
        if beginFile() {
            reporter.note(.warning, "the journal began a new file after: \(error)")
        } else {
            tellJournalDown()
        }
    }

    private func tellJournalDown() {
        guard case .down(let reason, _, let retryAfter) = journal.health else { return }
        if journalWatch.retryAt == nil {
            reporter.report(
                .journalDown(reason: reason, directory: configuration.stateDirectory))
        }
        journalWatch.retryAt = dependencies.instant().advanced(by: retryAfter)
    }

    /// Tries a journal that is down again.
    func retryJournal(at now: ContinuousClock.Instant) {
        if journalWatch.retryAt == nil, journal.health != .healthy { tellJournalDown() }
        guard let retryAt = journalWatch.retryAt, retryAt <= now else { return }
        if beginFile() {
            journalWatch.retryAt = nil
            reporter.report(.journalRecovered(directory: configuration.stateDirectory))
        } else {
            tellJournalDown()
        }
    }

    /// Thins and removes what is past its time, a slice of one file a turn of the loop.
    func retainFiles(at now: ContinuousClock.Instant) {
        guard let retainAt = journalWatch.retainAt, now >= retainAt else { return }
        var pause = Duration.seconds(86_400)
        do throws(JournalError) {
            let step =
                isAnyClockOff
                ? nil : try journal.retain(plan.policy.retention, at: dependencies.now())
            let wasTooLarge = journalWatch.isTooLarge
            func tell(_ priority: Priority) {
                if let step { reporter.note(priority, step.description) }
            }
            if step != .underway { journalWatch.isTooLarge = false }
            switch step {
            case .underway?: pause = .milliseconds(10)
            case .thinned?, .removed?:
                pause = .seconds(1)
                tell(.info)
            case .tooLarge?:
                journalWatch.isTooLarge = true
                if !wasTooLarge { tell(.warning) }
            case nil: break
            }
        } catch {
            reporter.note(
                .warning, "old files of the journal could not be let go, trying again: \(error)")
        }
        journalWatch.retainAt = now.advanced(by: pause)
    }

    private var isAnyClockOff: Bool {
        (services + retired).contains { service in
            if case .differs = service.clock { true } else { false }
        }
    }

    /// Forgets what is too old to matter, by the time of a service that agrees with ours.
    func prune(at serverTime: Timestamp) {
        journal.note(serverTime: serverTime, at: dependencies.now())
        state.prune(at: serverTime)
        if journalWatch.retainAt == nil { journalWatch.retainAt = dependencies.instant() }
        journalWatch.prunedAt = max(serverTime, journalWatch.prunedAt ?? serverTime)
    }

    /// State and journal must not drift apart.
    func checkFold(behind count: Int) {
        guard let check = configuration.foldCheck, journal.health == .healthy else { return }
        journalWatch.uncheckedRecords += count
        guard journalWatch.uncheckedRecords >= check.everyRecords else { return }
        journalWatch.uncheckedRecords = 0
        do throws(JournalError) {
            var replay = Replay()
            _ = try JournalInspection.read(directory: configuration.stateDirectory) {
                replay.take($0)
            }
            let difference = StateFingerprint(replay.state, prunedAt: journalWatch.prunedAt)
                .difference(from: StateFingerprint(state, prunedAt: journalWatch.prunedAt))
            if let difference { check.report(difference) }
        } catch {
            check.report("the journal cannot be read: \(error)")
        }
    }

    /// The report that belongs to a fact; nil for facts that nobody needs to hear of.
    private func report(of record: JournalRecord, _ service: ServiceWatch) -> Report? {
        switch record {
        case .warned(let warned):
            let rule = service.plan.rules.first { $0.rule.name == warned.rule }?.rule
            return .warned(
                service.label(warned.operation), warned, action: rule?.action ?? .warn,
                notice: rule?.warnBefore)
        case .wouldCancel(let would):
            return .wouldCancel(
                service.label(would.operation), would, number: wouldCancelTimes.count,
                limit: plan.policy.safety.cancelsPerHour)
        case .unlisted(let operation):
            guard let ref = state.find(operation), memory.reportedUnlisted.insert(ref).inserted
            else { return nil }
            return .unlisted(service.label(operation))
        case .unsupported(_, let collection, let type, _):
            return .unsupported(
                OperationLabel(service: service.name, operation: collection), type: type ?? "")
        case .breaker(let name, let cause?, _):
            return .breakerOpen(service: name, reason: cause.words)
        case .breaker(let name, nil, _): return .breakerClosed(service: name)
        case .verdict(let operation, let intent, let verdict, let late, _, let reason):
            let label = service.label(operation)
            if late { return .late(label, verdict) }
            let history = state.find(operation).flatMap { state.cancel($0) }
            return .verdict(verdict, label, intent == nil ? nil : history, reason: reason)
        case .open, .close, .policy, .seen, .started, .stalling, .deferred, .relisted, .finished,
            .vanished, .dropped, .moved, .intent, .withdrawn, .asked, .failedCancels, .damage,
            .damageAccepted, .spent, .unknown:
            return nil
        }
    }
}
