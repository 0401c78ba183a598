import ArgumentParser
import Glibc
import OperationsSimulator
import OpwatchCore
import OpwatchJournal
import OpwatchProcess
import WireFormat

/// `opwatchd demo`: an operations server in this process and the real daemon as its child.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Show the real daemon at work against a simulated service, sped up.",
        discussion: """
            Serves operations with scripted lives on a loopback port, runs the daemon against \
            them, and ends with a table of operation, rule and verdict, read from the daemon's \
            journal. Exits 0 only if each verdict is the scripted one and no intent led to two \
            requests.
            """)

    @Option(help: "Simulated seconds in a second, 10 to 120.")
    var speed = 60.0

    @Option(help: "Kill the daemon with SIGKILL this often, at random moments, and restart it.")
    var kills = 0

    @Flag(help: "Keep the demo's directory with policy and journal, and print where it is.")
    var keep = false

    /// Real time after which the demo gives up.
    private static let patience = Duration.seconds(55)

    func validate() throws {
        guard DemoClock.speeds.contains(speed) else {
            throw ValidationError("--speed is \(speed), allowed is 10 to 120")
        }
        guard (0...100).contains(kills) else {
            throw ValidationError("--kills is \(kills), allowed is 0 to 100")
        }
    }

    func run() async throws {
        let script = DemoScript()
        let directory = try TemporaryDirectory(prefix: "opwatchd-demo")
        let clock = DemoClock(speed: speed)
        let service = SimulatedService(start: clock.start, operations: script.operations)
        let server: SimulatorHandle
        do {
            server = try await OperationsSimulator.serve(
                service, clock: SimulatorClock { clock.now })
        } catch {
            throw Failure(.unavailable, "\(error)")
        }
        let policy = try directory.write(script.policy(port: server.port), to: "policy.yaml")
        Output.line("Serving \(script.operations.count) operations on \(server.baseURL)")
        Output.line("A second here is \(Int(speed)) seconds there. The daemon says:\n")
        let watch = DemoWatch(
            script: script, server: server, journal: "\(directory.path)/state",
            arguments: [
                "run", "--policy", policy, "--state", "\(directory.path)/state",
                "--demo-clock", clock.argument,
            ])
        let isAsScripted = try await watch.run(
            kills: kills, until: ContinuousClock.now.advanced(by: Self.patience))
        await server.shutdown()
        if keep {
            Output.line("\nPolicy and journal are in \(directory.path)")
        } else {
            directory.remove()
        }
        if !isAsScripted { throw Failure(.failure, "not every operation ended as scripted") }
    }
}
