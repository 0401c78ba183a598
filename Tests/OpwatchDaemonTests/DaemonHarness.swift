import Foundation
import OperationsClient
import OperationsSimulator
import OpwatchCore
import OpwatchDaemon
import OpwatchEngine
import OpwatchJournal
import Testing
import WireFormat

/// A simulated service, a directory, a clock, and daemons that run in this process.
struct DaemonHarness: Sendable {
    let clock: DrivenClock
    let server: SimulatorHandle
    let directory: String
    let pool: HTTPPool

    static let parent = "projects/acme"

    /// Runs the body in a world of its own.
    static func run(
        _ operations: [ScriptedOperation], policy: PolicyText = PolicyText(),
        parents: [String] = [parent],
        _ body: (DaemonHarness) async throws -> Void
    ) async throws {
        let clock = DrivenClock()
        defer { clock.stop() }
        var template = Array("\(NSTemporaryDirectory())/opwatchd-test-XXXXXX".utf8CString)
        let directory = String(cString: try #require(mkdtemp(&template)))
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let service = SimulatedService(
            start: DrivenClock.start, operations: operations, parents: Set(parents))
        let server = try await OperationsSimulator.serve(
            service, clock: SimulatorClock { clock.now })
        let harness = DaemonHarness(
            clock: clock, server: server, directory: directory,
            pool: try HTTPPool(HTTPPool.Settings(longestInterval: .seconds(3_600))))
        harness.write(policy)
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(harness))
        } catch {
            result = .failure(error)
        }
        await harness.pool.shutdown()
        await server.shutdown()
        try result.get()
    }

    /// The world as a daemon sees it.
    var world: World {
        let (clock, pool) = (clock, pool)
        return World(
            now: { clock.now }, instant: { clock.instant },
            sleep: { try await clock.sleep(until: $0) }, jitter: .none,
            client: { service, _ in
                OperationsClient(
                    endpoint: service.endpoint, authorization: .none, version: "0.0.0-test",
                    dependencies: OperationsClient.Dependencies(
                        now: { clock.instant }, sleep: { try await clock.sleep(for: $0) },
                        jitter: { $0 }),
                    connections: Connections { pool })
            })
    }

    var policyPath: String { "\(directory)/policy.yaml" }
    var stateDirectory: String { "\(directory)/state" }

    func write(_ policy: PolicyText) {
        write(policy.text(port: server.port))
    }

    func write(_ text: String) {
        _ = FileManager.default.createFile(atPath: policyPath, contents: Data(text.utf8))
    }

    /// How the daemon of a run ends.
    enum Ending { case graceful, killed }

    /// Runs a daemon as long as the body; it must end by itself afterwards.
    func daemon(
        state: String? = nil, watchdog: Duration? = nil, ending: Ending = .graceful,
        _ body: (DaemonRun) async throws -> Void
    ) async throws {
        let run = DaemonRun(self, state: state ?? stateDirectory, watchdog: watchdog)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask(executorPreference: clock) { await run.serve() }
            do {
                try await body(run)
                switch ending {
                case .graceful: try await run.shutdown()
                case .killed: group.cancelAll()
                }
                try await clock.wait("the daemon's end", within: .seconds(60)) { run.isEnded }
            } catch {
                clock.free()
                throw error
            }
            run.expectWholeEntries()
        }
    }

    /// How many requests of a kind came in, of one resource or of all.
    func requests(_ call: SimulatedCall, _ resource: String? = nil) -> [RequestRecord] {
        server.requests.filter {
            $0.call == call && (resource == nil || $0.resource == resource)
        }
    }

    /// How many lists were asked for before the first cancel.
    var listsBeforeCancel: Int {
        server.requests.prefix { $0.call != .cancel }.count { $0.call == .list }
    }

    /// Waits until so many requests of a kind came in.
    func wait(for call: SimulatedCall, _ resource: String? = nil, times: Int) async throws {
        try await clock.wait("\(times) of \(call) \(resource ?? "")") {
            requests(call, resource).count >= times
        }
    }

    /// Every record of all files of a journal; the checkpoint of the oldest file only.
    func records(state: String? = nil) throws -> [JournalRecord] {
        try JournalInspection.history(directory: state ?? stateDirectory)
    }

    /// What a crash at this moment would leave on disk.
    func crashImage() throws -> String {
        let image = "\(directory)/crash-\(UUID().uuidString)"
        try FileManager.default.copyItem(atPath: stateDirectory, toPath: image)
        return image
    }

    /// Bytes of the journal's files.
    func journalBytes() throws -> Int {
        let files = try FileManager.default.contentsOfDirectory(atPath: stateDirectory)
        return try files.filter { $0.hasPrefix("journal-") }.reduce(0) { sum, name in
            let path = "\(stateDirectory)/\(name)"
            let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
            return sum + (size ?? 0)
        }
    }
}

extension DaemonHarness {
    /// No intent led to two POSTs, and each POST had one.
    func expectOnePostAnIntent(state: String? = nil, _ location: SourceLocation = #_sourceLocation)
        throws
    {
        var intents: [IntentID: String] = [:]
        for record in try records(state: state) {
            switch record {
            case .intent(let intent): intents[intent.id] = intent.operation.name
            case .withdrawn(let id, _): intents[id] = nil
            default: break
            }
        }
        let posts = server.requests.filter { $0.call == .cancel }.compactMap(\.resource)
        for name in Set(posts) {
            let count = intents.values.count { $0 == name }
            #expect(posts.count { $0 == name } <= count, "\(name)", sourceLocation: location)
        }
    }
}
