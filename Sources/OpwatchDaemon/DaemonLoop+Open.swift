import OpwatchCore
import OpwatchEngine
package import OpwatchJournal
package import OpwatchPolicy
package import OpwatchReports
package import OpwatchSystemd

extension DaemonLoop {
    /// Takes the journal and reads it.
    /// - Parameters:
    ///   - policy: valid, to be in force from the start.
    ///   - pulse: asked every few milliseconds whether to go on.
    /// - Throws: where the journal cannot be used; `stopped` where the pulse ended the start.
    package static func open(
        _ configuration: DaemonConfiguration, in world: World, manager: ServiceManager,
        write: @escaping @Sendable (JournalEntry) -> Void, policy: LoadedPolicy,
        pulse: () -> Bool
    ) throws(JournalError) -> DaemonLoop {
        let now = world.now()
        var replay = Replay()
        var journal = try Journal.open(
            directory: configuration.stateDirectory, now: now, version: configuration.version,
            process: world.process, disk: world.disk, { replay.take($0) }, pulse: pulse)
        let recovered = journal.recovered
        let isStarted = journal.start(
            misfit: replay.misfit, checkpoint: replay.state.checkpoint(), at: now, pulse: pulse)
        guard isStarted else { throw .stopped }
        let loop = DaemonLoop(
            configuration, world: world, manager: manager, write: write, policy: policy,
            journal: journal, state: replay.state)
        loop.tellStart(recovered, misfit: replay.misfit, warnings: policy.warnings)
        return loop
    }

    /// What the start found, before anything is watched.
    private func tellStart(
        _ recovered: Recovered, misfit: BadLine?, warnings: [PolicyProblem]
    ) {
        reporter.report(
            .started(
                version: configuration.version, stateDirectory: configuration.stateDirectory))
        for warning in warnings { reporter.note(.warning, warning.description) }
        if !recovered.ignored.isEmpty {
            let names = Untrusted.list(recovered.ignored, count: recovered.ignoredCount)
            reporter.note(
                .info, "in the journal's directory these are none of ours and left alone: \(names)")
        }
        if let kind = recovered.forgetfulFileSystem {
            reporter.note(.warning, "the journal is on \(kind), which forgets at a reboot")
        }
        if case .torn(let line) = recovered.tail {
            reporter.note(.info, "the journal ended in a torn line, nothing is lost: \(line)")
        }
        if let misfit {
            reporter.note(.error, "the journal contradicts itself: \(misfit)")
        }
        if let damage = engine.state.damage {
            reporter.report(.journalDamaged(file: damage.file, offset: damage.offset))
        }
    }
}
