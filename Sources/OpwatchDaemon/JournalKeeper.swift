import OpwatchCore
import OpwatchEngine
import OpwatchJournal
import OpwatchPolicy
import OpwatchReports
import WireFormat

/// Keeps the journal: makes records durable, begins new files, mends and thins it.
final class JournalKeeper {
    private let configuration: DaemonConfiguration
    private let world: World
    private let engine: Engine
    private let reporter: Reporter
    private var journal: Journal
    /// The accepted policy whose text is not yet kept beside the journal.
    private var unkeptPolicy: LoadedPolicy?
    /// Set while the journal is down.
    private(set) var retryAt: ContinuousClock.Instant?
    /// When files may be past their time; nil until a service's clock agrees with ours.
    private(set) var retainAt: ContinuousClock.Instant?
    /// More than the policy allows is told once.
    private var isTooLarge = false
    /// Since the last comparison with the fold of the journal.
    private var uncheckedCount = 0
    /// What the state forgot by then may still stand in the journal.
    private var prunedAt: Timestamp?
    /// What is large or old is left to the next start.
    var isStopping = false
    /// Asked while a large file is written; whether to go on.
    var pulse: () -> Bool = { true }

    init(
        _ journal: consuming Journal, of engine: Engine, in world: World,
        _ configuration: DaemonConfiguration, _ reporter: Reporter
    ) {
        self.journal = journal
        self.engine = engine
        self.world = world
        self.configuration = configuration
        self.reporter = reporter
    }

    /// Why and since when the journal is down; nil while it is healthy.
    var trouble: (reason: String, since: Timestamp)? {
        guard case .down(let reason, let since, _) = journal.health else { return nil }
        return (reason, since)
    }

    // MARK: Records

    /// Makes records durable, as one batch.
    ///
    /// With the journal down the daemon goes on: the state in memory is written as a checkpoint
    /// when the disk is back, and until then nothing is cancelled.
    /// - Returns: whether they are durable now.
    func append(_ records: [JournalRecord]) -> Bool {
        guard !records.isEmpty else { return true }
        defer { noteHealth() }
        let wasHealthy = journal.health == .healthy
        do throws(JournalError) {
            try journal.append(records, at: world.now())
            world.journalled(.durable(records))
            rollIfDue()
            checkFold(after: records.count)
            return true
        } catch {
            world.journalled(.held(records))
            if wasHealthy { failed(error) }
            return journal.health == .healthy
        }
    }

    /// Makes an intent durable, under the number of its line; nil where that failed.
    func record(_ draft: DraftIntent) -> RecordedIntent? {
        // Its hash stands in the intent.
        keepPolicyText()
        defer { noteHealth() }
        let id = IntentID(UInt64(clamping: journal.lastSeq + 1))
        do throws(JournalError) {
            let intent = draft.numbered(id)
            let recorded = try journal.record(intent: intent, at: world.now())
            world.journalled(.durable([.intent(intent)]))
            return recorded
        } catch {
            failed(error)
            return nil
        }
    }

    /// The engine took what `record` gave.
    func intentTaken() { checkFold(after: 1) }

    private func noteHealth() {
        engine.noteJournal(isHealthy: journal.health == .healthy)
    }

    // MARK: New files

    private func rollIfDue() {
        guard !isStopping, journal.needsRoll(at: world.now()) else { return }
        if !beginFile() { tellDown() }
    }

    /// - Returns: whether the journal is healthy now.
    func beginFile() -> Bool {
        defer { noteHealth() }
        if let loss = journal.findLoss() {
            // The checkpoint that follows tells of it.
            engine.noteDamage(file: loss.file, offset: loss.offset)
            reporter.report(.journalDamaged(file: loss.file, offset: loss.offset))
        }
        let isHealthy = journal.repair(
            checkpoint: engine.state.checkpoint(), at: world.now(), pulse: pulse)
        guard isHealthy else { return false }
        world.journalled(.checkpoint)
        let untold = journal.takeUntoldCount()
        if untold > 0 {
            reporter.note(
                .warning,
                "\(untold) lines about the time without a journal are lost, it was too long")
        }
        if retainAt != nil { retainAt = world.instant() }
        keepPolicyText()
        return true
    }

    private func failed(_ error: JournalError) {
        if case .unwritable = error {
            reporter.note(.error, "a record could not be written: \(error)")
            return
        }
        // One roll at once: the usual fault is a single write, and a new file mends it.
        if beginFile() {
            reporter.note(.warning, "the journal began a new file after: \(error)")
        } else {
            tellDown()
        }
    }

    private func tellDown() {
        guard case .down(let reason, _, let retryAfter) = journal.health else { return }
        if retryAt == nil {
            reporter.report(
                .journalDown(reason: reason, directory: configuration.stateDirectory))
        }
        retryAt = world.instant().advanced(by: retryAfter)
    }

    /// Tries a journal that is down again.
    func retry(at now: ContinuousClock.Instant) {
        defer { noteHealth() }
        if retryAt == nil, journal.health != .healthy { tellDown() }
        guard let retryAt, retryAt <= now else { return }
        if beginFile() {
            self.retryAt = nil
            reporter.report(.journalRecovered(directory: configuration.stateDirectory))
        } else {
            tellDown()
        }
    }

    /// A journal that is down, or turns down now, gets one more chance: the next start would know
    /// nothing of what is not written.
    /// - Returns: whether all of it is durable.
    func close() -> Bool {
        do throws(JournalError) {
            do throws(JournalError) {
                try journal.close(at: world.now())
            } catch {
                guard beginFile() else { throw error }
                try journal.close(at: world.now())
            }
            return true
        } catch {
            reporter.note(.warning, "the journal could not be closed cleanly: \(error)")
            return false
        }
    }

    // MARK: Old files

    /// Takes note of the time of a service whose clock agrees with ours: the state forgot what is
    /// too old by it.
    func note(serverTime: Timestamp) {
        journal.note(serverTime: serverTime, at: world.now())
        if retainAt == nil { retainAt = world.instant() }
        prunedAt = max(serverTime, prunedAt ?? serverTime)
    }

    /// Thins and removes what is past its time, a slice of one file a turn of the loop.
    func retain(_ retention: Retention, at now: ContinuousClock.Instant) {
        guard let retainAt, now >= retainAt else { return }
        var pause = Duration.seconds(86_400)
        do throws(JournalError) {
            let step =
                engine.isAnyClockOff
                ? nil : try journal.retain(retention, at: world.now())
            let wasTooLarge = isTooLarge
            func tell(_ priority: Priority) {
                if let step { reporter.note(priority, step.description) }
            }
            if step != .underway { isTooLarge = false }
            switch step {
            case .underway?: pause = .milliseconds(10)
            case .thinned?, .removed?:
                pause = .seconds(1)
                tell(.info)
            case .tooLarge?:
                isTooLarge = true
                if !wasTooLarge { tell(.warning) }
            case nil: break
            }
        } catch {
            reporter.note(
                .warning, "old files of the journal could not be removed, trying again: \(error)")
        }
        self.retainAt = now.advanced(by: pause)
    }

    // MARK: Policies

    /// Keeps the text of a policy that is in force from now on, so that an auditor finds it and
    /// open cancels can be proven under it.
    func keep(_ policy: LoadedPolicy) {
        unkeptPolicy = policy
        keepPolicyText()
    }

    /// Keeps the text of the policy, where that has not been done or has failed before.
    private func keepPolicyText() {
        guard let unkept = unkeptPolicy else { return }
        do throws(JournalError) {
            try journal.storePolicyText(Array(unkept.text.utf8), hash: unkept.policy.hash)
            unkeptPolicy = nil
        } catch {
            reporter.note(.warning, "the text of the policy could not be kept: \(error)")
        }
    }

    /// The policies under which cancels began that the plan does not watch.
    func keptPolicies(for plan: PolicyPlan) -> [PolicyHash: KeptPolicy] {
        var kept: [PolicyHash: KeptPolicy] = [:]
        for hash in engine.unwatchedPolicies(under: plan) {
            let path = PolicyStore.path(of: hash, in: configuration.stateDirectory)
            do throws(PolicyErrors) {
                kept[hash] = .policy(try world.policy(path).policy)
            } catch {
                kept[hash] = .missing(path: path)
            }
        }
        return kept
    }

    // MARK: Checks

    /// State and journal must not drift apart.
    private func checkFold(after count: Int) {
        guard let check = configuration.foldCheck, journal.health == .healthy else { return }
        uncheckedCount += count
        guard uncheckedCount >= check.everyRecords else { return }
        uncheckedCount = 0
        do throws(JournalError) {
            var replay = Replay()
            _ = try JournalInspection.read(
                directory: configuration.stateDirectory, disk: world.disk
            ) {
                replay.take($0)
            }
            let difference = StateFingerprint(replay.state, prunedAt: prunedAt)
                .difference(from: StateFingerprint(engine.state, prunedAt: prunedAt))
            if let difference { check.report(difference) }
        } catch {
            check.report("the journal cannot be read: \(error)")
        }
    }
}
