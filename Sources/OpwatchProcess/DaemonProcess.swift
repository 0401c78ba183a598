import Glibc
import Logging
package import OperationsClient
package import OpwatchDaemon
import OpwatchReports
import OpwatchSystemd
import ServiceLifecycle
import UnixSignals

/// The daemon as a whole process: its log, its signals, its connections, and how it ends.
package struct DaemonProcess {
    private let configuration: DaemonConfiguration

    /// - Parameters:
    ///   - policyPath: the policy file, read at the start and at each SIGHUP.
    ///   - stateDirectory: the journal's directory; made where there is none.
    package init(policyPath: String, stateDirectory: String) {
        configuration = DaemonConfiguration(
            policyPath: policyPath, stateDirectory: stateDirectory, version: Build.version)
    }

    /// Runs until SIGTERM or SIGINT, and returns within 5 seconds of it.
    /// - Parameter world: makes what is outside of the daemon, which is reached over these
    ///   connections.
    /// - Throws: why it could not start or go on.
    package func run(in world: (HTTPPools) -> World) async throws(Failure) {
        ProcessMemory.forbidDumps()
        try DescriptorLimit.raise()
        let state = configuration.stateDirectory
        if let owner = try DirectoryOwner.besideRoot(of: state) {
            throw Failure(
                .permission,
                "\(state): belongs to \(owner.name); run as that user, since files of root "
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
            configuration: configuration, world: world(pools), manager: manager,
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
