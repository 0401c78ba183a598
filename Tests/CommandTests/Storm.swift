import Foundation
import Glibc
import OperationsSimulator
import Testing
import WireFormat

/// `make system-test` runs everything; a test run what shows that it works.
enum SystemTest {
    static let isWhole = ProcessInfo.processInfo.environment["SYSTEM_TEST"] != nil
}

/// A service whose operations come and go, and a policy that cancels many of them at once: a
/// daemon that watches it writes its journal all the time.
final class Storm {
    private let folder = Folder()
    private let server: SimulatorHandle
    private var names: [String] = []

    /// As many as a policy can allow.
    static let cancelsPerHour = 1_000

    private static let parents = (0..<4).map { "projects/p\($0)" }

    /// Runs the body in a world of its own.
    static func run(_ body: (Storm) throws -> Void) async throws {
        let service = SimulatedService(start: clock, parents: Set(parents))
        let server = try await OperationsSimulator.serve(
            service, clock: SimulatorClock { clock })
        let result = Result { try body(try Storm(server)) }
        await server.shutdown()
        try result.get()
    }

    /// The time of this machine.
    static var clock: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(seconds: Int64(time.tv_sec), nanoseconds: UInt32(time.tv_nsec))
            ?? .earliest
    }

    private init(_ server: SimulatorHandle) throws {
        self.server = server
        try folder.write(policy, to: "policy.yaml")
    }

    var state: String { path("state") }

    /// A file beside the state.
    func path(_ name: String) -> String { folder.path(name) }

    /// Every limit as wide as it goes: what matters here is that there is much to write.
    private var policy: String {
        """
        version: 1
        mode: enforce
        services:
          - name: storm
            endpoint: http://127.0.0.1:\(server.port)/v1
            fields: { create_time: [metadata.createTime] }
            parents: [\(Self.parents.joined(separator: ", "))]
            interval: 1s
            page_size: 20
            requests_per_minute: 60000
            credentials: none
        rules:
          - name: all
            match: 'name:*'
            timeouts: { total: 1s }
            action: cancel
        safety:
          confirmations: 1
          cancels_per_poll: 1000
          cancels_per_hour: \(Self.cancelsPerHour)
          max_overdue_share: 100%
          max_failed_cancels: 0
          canary: false
        verify: { within: 10s, attempts: 2 }

        """
    }

    /// So many operations more begin now, of all lives.
    func begin(_ count: Int) {
        let lives: [Life] = [
            .normal(after: .milliseconds(700)), .slow, .finishesAnyway, .slow, .vanishes,
            .normal(after: .seconds(1), outcome: .cancelled), .failsOtherwise,
            .refusesPrecondition, .slow,
        ]
        for _ in 0..<count {
            let number = names.count
            let operation = ScriptedOperation(
                "o\(number)", under: Self.parents[number % Self.parents.count],
                cancelTakes: .milliseconds(300), life: lives[number % lives.count])
            names.append(operation.name)
            server.withService { $0.insert(operation) }
        }
    }

    func start(through tracer: [String] = []) throws -> RunningProgram {
        try RunningProgram(
            ["run", "--policy", folder.path("policy.yaml"), "--state", state], through: tracer)
    }

    /// Lets the daemon go on until so many cancels came in.
    func run(_ daemon: RunningProgram, untilPosts count: Int) throws {
        let end = ContinuousClock.now.advanced(by: .seconds(30))
        while postCount < count, ContinuousClock.now < end {
            try daemon.runOn(for: .milliseconds(100))
        }
        #expect(postCount >= count)
    }

    /// How many cancels came in.
    var postCount: Int { names.reduce(0) { $0 + server.cancelCount($1) } }

    /// The journal is whole, and no cancel came in without its intent.
    func expectWhole(_ place: @autoclosure () -> Comment) throws {
        // Killed before it began to write.
        if postCount == 0, access(state, F_OK) != 0 { return }
        let verified = try Program.run("journal", "verify", "--state", state)
        #expect(verified.code == 0, "\(place()): \(verified.output)\(verified.errors)")
        let posts = names.filter { server.cancelCount($0) > 0 }
        guard !posts.isEmpty else { return }
        var sent: [String: Int] = [:]
        var open: [Int: String] = [:]
        let dump = try Program.run("journal", "dump", "--verdicts", "--json", "--state", state)
        for line in dump.lines {
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8))
            let record = try #require(object as? [String: Any])
            let intent = record["intent"] as? Int ?? 0
            switch record["kind"] as? String {
            case "intent":
                let name = try #require(record["op"] as? String)
                open[intent] = name
                sent[name, default: 0] += 1
            case "withdrawn": if let name = open[intent] { sent[name, default: 0] -= 1 }
            default: break
            }
        }
        for name in posts {
            #expect(server.cancelCount(name) <= sent[name] ?? 0, "\(place()): \(name)")
        }
    }
}
