import Foundation
import Glibc
import OperationsSimulator
import SeededRandom
import Testing
import WireFormat

/// Three services whose operations come, run and end, all that can go wrong with them, and the
/// real daemon that watches them while it is killed, restarted and reloaded.
final class Soak {
    /// `make soak` sets it.
    static let minutes = ProcessInfo.processInfo.environment["SOAK_MINUTES"].flatMap { Int($0) }

    let seed: UInt64
    var random: SplitMix
    let folder = Folder()
    let servers: [SoakService: SimulatorHandle]
    var requests = SoakRequests()
    /// Of the present round, by name.
    private(set) var operations: [String: SoakOperation] = [:]
    /// Faults that last, and what ends them.
    var undone: [(at: ContinuousClock.Instant, undo: (Soak) -> Void)] = []
    private(set) var eras: [Era] = []
    private(set) var log: [String] = []
    var failureCount = 0
    var tally = Tally()
    private var daemon: RunningProgram?
    private var operationCount = 0

    /// What was in force from a moment on; nil while the file on disk was refused.
    struct Era: CustomStringConvertible {
        let policy: SoakPolicy?
        let from: Timestamp
        /// What was in flight at its end included; nil for the present one.
        var until: Timestamp?

        var description: String {
            "\(from) to \(until?.description ?? "now"): \(policy?.description ?? "refused")"
        }
    }

    /// For the last line.
    struct Tally {
        var operations = 0
        var verdicts: [String: Int] = [:]
        var strikes = 0
        var stops = 0
        var kills = 0
        var reloads = 0
        var refusals = 0
        /// Resident memory, the largest of all and at the end of each round.
        var largestKiB = 0
        var restKiB: [Int] = []
        var longestCalm = Duration.zero
    }

    /// Runs the body in a world of its own.
    static func run(seed: UInt64, _ body: (Soak) throws -> Void) async throws {
        var servers: [SoakService: SimulatorHandle] = [:]
        for service in SoakService.allCases {
            let simulated = SimulatedService(start: Storm.clock, parents: Set(service.parents))
            servers[service] = try await OperationsSimulator.serve(
                simulated, clock: SimulatorClock { Storm.clock })
        }
        let result = Result { try body(Soak(seed: seed, servers)) }
        for server in servers.values { await server.shutdown() }
        try result.get()
    }

    private init(seed: UInt64, _ servers: [SoakService: SimulatorHandle]) throws {
        self.seed = seed
        self.servers = servers
        random = SplitMix(seed: seed)
        write("token-0", to: "token")
        write(text(of: SoakPolicy()), to: "policy.yaml")
        try start(SoakPolicy())
    }

    var state: String { folder.path("state") }

    func write(_ text: String, to name: String) {
        do {
            try folder.write(text, to: name)
        } catch {
            Issue.record("\(name): \(error)")
        }
    }

    private func text(of policy: SoakPolicy) -> String {
        policy.text(ports: servers.mapValues(\.port), tokenPath: folder.path("token"))
    }

    // MARK: Time goes by

    /// Lets all run for a moment and takes in what happened.
    func runOn(for time: Duration = .milliseconds(250)) throws {
        try daemon?.runOn(for: time)
        undoFaults()
        log += daemon?.takeErrorLines() ?? []
        for (service, server) in servers { requests.take(server, of: service) }
        if let daemon, daemon.isSilent {
            throw SoakError(what: "seed \(seed): the daemon ended by itself\n\(log.suffix(20))")
        }
        tally.largestKiB = max(tally.largestKiB, residentKiB)
    }

    /// Waits for a line of the log.
    private func wait(for text: String, within limit: Duration = .seconds(10)) throws {
        let first = log.count
        let end = ContinuousClock.now.advanced(by: limit)
        while !log[first...].contains(where: { $0.contains(text) }) {
            guard ContinuousClock.now < end else {
                throw SoakError(
                    what: "seed \(seed): nothing said '\(text)' within \(limit)\n"
                        + log.suffix(20).joined(separator: "\n"))
            }
            try runOn(for: .milliseconds(50))
        }
    }

    /// What the daemon holds in memory; 0 while there is none.
    var residentKiB: Int {
        guard let pid = daemon?.pid,
            let status = try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8),
            let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmRSS:") })
        else { return 0 }
        return line.split(separator: " ").compactMap { Int($0) }.first ?? 0
    }

    /// An operation begins.
    func begin() {
        operationCount += 1
        tally.operations += 1
        let (script, service, kind) = SoakOperation.script("o\(operationCount)", &random)
        guard let server = servers[service] else { return }
        let created = server.withService { simulated in
            simulated.insert(script)
            return simulated.now
        }
        operations[script.name] = SoakOperation(
            script: script, service: service, kind: kind, created: created)
    }

    /// What was judged goes.
    func clear() {
        for operation in operations.values {
            servers[operation.service]?.withService { $0.remove(operation.name) }
        }
        operations = [:]
        requests.clear()
        eras.removeAll { $0.until != nil }
    }

    // MARK: The daemon comes and goes

    private func start(_ policy: SoakPolicy) throws {
        enter(policy)
        daemon = try RunningProgram(
            ["run", "--policy", folder.path("policy.yaml"), "--state", state])
        try wait(for: " in force: mode")
        endEarlierEras()
    }

    /// Ends the daemon and starts it again after a while.
    func restart(by signal: Int32) throws {
        try mend()
        try stop(by: signal)
        begin()
        // Without a daemon, perhaps for longer than three intervals.
        poll(nil, 0, Int32(random.below(4_000)))
        try start(present)
    }

    /// Ends the daemon; its journal must be whole then.
    func stop(by signal: Int32) throws {
        try runOn()
        tally.stops += 1
        if signal == SIGKILL { tally.kills += 1 }
        daemon?.signal(signal)
        let outcome = try daemon?.finish(within: .seconds(10))
        daemon = nil
        log += outcome?.errors.split(separator: "\n").map(String.init) ?? []
        let expected = signal == SIGKILL ? 128 + SIGKILL : 0
        #expect(outcome?.code == expected, "seed \(seed): \(log.suffix(10))")
        endEarlierEras()
        let verified = try Program.run("journal", "verify", "--state", state)
        #expect(verified.code == 0, "seed \(seed): \(verified.output)\(verified.errors)")
    }

    // MARK: Policies

    private var present: SoakPolicy { eras.last { $0.policy != nil }?.policy ?? SoakPolicy() }

    private func enter(_ policy: SoakPolicy?) {
        eras.append(Era(policy: policy, from: Storm.clock))
    }

    /// What left before now may arrive within a second.
    private func endEarlierEras() {
        for index in eras.indices.dropLast() where eras[index].until == nil {
            eras[index].until = Storm.clock.advanced(by: .seconds(1))
        }
    }

    /// Puts a good policy in force.
    func reload(_ policy: SoakPolicy) throws {
        tally.reloads += 1
        rmdir(folder.path("policy.yaml"))
        write(text(of: policy), to: "policy.yaml")
        enter(policy)
        daemon?.signal(SIGHUP)
        try wait(for: " in force: mode")
        endEarlierEras()
    }

    /// Has the file on disk refused: bad, gone, or no file at all.
    func spoilPolicy() throws {
        try mend()
        tally.refusals += 1
        let path = folder.path("policy.yaml")
        switch random.below(4) {
        case 0: unlink(path)
        case 1:
            unlink(path)
            mkdir(path, 0o755)
        default: write(SoakPolicy.broken(text(of: present), &random), to: "policy.yaml")
        }
        enter(nil)
        daemon?.signal(SIGHUP)
        try wait(for: "policy refused, ")
        endEarlierEras()
    }

    /// A file that is refused is put back as it was.
    func mend() throws {
        if let era = eras.last, era.policy == nil { try reload(present) }
    }
}

/// Why the soak cannot go on.
struct SoakError: Error, CustomStringConvertible {
    let what: String
    var description: String { what }
}
