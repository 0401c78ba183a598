import ArgumentParser
import Glibc
import Logging
import OperationsClient
import OpwatchDaemon
import OpwatchSystemd
import ServiceLifecycle
import UnixSignals
import WireFormat

/// `opwatchd run`: the daemon.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run the daemon in the foreground.",
        discussion: """
            SIGHUP reads the policy again, SIGTERM and SIGINT end the daemon within 5 seconds \
            with the effect in hand finished. Under systemd it reports by sd_notify and journald, \
            on a terminal by readable lines on stderr.
            """)

    @OptionGroup var policy: PolicyOption
    @OptionGroup var state: StateOption

    @Option(name: .customLong("demo-clock"), help: .hidden)
    var demoClock: DemoClock?

    func run() async throws {
        ProcessMemory.forbidDumps()
        try DescriptorLimit.raise()
        if let owner = try DirectoryOwner.besideRoot(of: state.path) {
            throw Failure(
                .permission,
                "\(state.path): belongs to \(owner.name); run as that user, since files of root "
                    + "would lock it out")
        }
        let writer: LogWriter
        do {
            writer = try LogWriter(target: .detect())
        } catch {
            throw Failure(.failure, "\(error)")
        }
        let pools = HTTPPools.live(longestInterval: .seconds(3_600))
        let manager = ServiceManager()
        let daemon = Daemon(
            configuration: DaemonConfiguration(
                policyPath: policy.path, stateDirectory: state.path, version: Build.version),
            dependencies: demoClock.map { .demo($0, pools: pools) } ?? .live(pools: pools),
            manager: manager,
            write: { writer.write($0) })
        let failure = await serve(daemon, writer: writer)
        await pools.shutdown()
        if let failure {
            let first = failure.message.prefix { $0 != "\n" }
            manager.failed(status: String(first), errno: EINVAL)
        }
        manager.barrier(timeout: .seconds(1))
        writer.flush(within: .seconds(1))
        writer.close()
        if let failure { throw failure }
    }

    /// - Returns: why the daemon ended, nil after a graceful shutdown.
    private func serve(_ daemon: Daemon, writer: LogWriter) async -> Failure? {
        let logger = Logger(label: "opwatchd") { _ in LibraryLog(writer: writer) }
        // Trapped before the daemon can be ready: a reload at that very moment is not lost.
        let hangups = await UnixSignalsSequence(trapping: .sighup)
        var configuration = ServiceGroupConfiguration(
            services: [
                .init(
                    service: daemon, successTerminationBehavior: .gracefullyShutdownGroup,
                    failureTerminationBehavior: .cancelGroup),
                .init(service: Hangups(signals: hangups, daemon: daemon)),
            ],
            gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(5)
        do {
            try await ServiceGroup(configuration: configuration).run()
            return nil
        } catch let error as DaemonError {
            return Failure(SystemExit(code: error.exitCode), error.description)
        } catch {
            return Failure(.failure, "\(error)")
        }
    }
}

/// Turns SIGHUP into a reload.
private struct Hangups: Service {
    let signals: UnixSignalsSequence
    let daemon: Daemon

    func run() async throws {
        for await _ in signals.cancelOnGracefulShutdown() { daemon.reload() }
    }
}

/// What libraries have to say, from warnings upwards.
private struct LibraryLog: LogHandler {
    let writer: LogWriter
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.warning

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let priority: Priority = event.level >= .error ? .error : .warning
        writer.write(JournalEntry(priority, event.message.description))
    }
}
