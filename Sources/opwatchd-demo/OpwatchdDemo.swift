import ArgumentParser
import OperationsSimulator
import OpwatchProcess

/// The command line of the demo: an operations server in this process, the daemon as its child.
@main
struct OpwatchdDemo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "opwatchd-demo",
        abstract: "Shows the daemon of opwatchd at work against a simulated service, sped up.",
        // The child's command line is nobody's business.
        usage: "opwatchd-demo [--speed N] [--kills N] [--keep]",
        discussion: """
            Serves operations with scripted lives on a loopback port, runs the daemon against \
            them, and ends with a table of operation, rule and verdict, read from the daemon's \
            journal. Exits 0 only if each verdict is the scripted one and no intent led to two \
            requests.

            The daemon is the code of opwatchd run, with a clock that goes faster; opwatchd itself \
            has neither such a clock nor the server.
            """,
        version: Build.version,
        subcommands: [DaemonCommand.self])

    /// A fresh look and a permit live 5 s of that clock: at 40, an eighth of a real one.
    @Option(
        help: ArgumentHelp(
            "Simulated seconds in a second, 10 to 120; take fewer on a busy machine.",
            valueName: "N"))
    var speed = 40.0

    @Option(
        help: ArgumentHelp(
            "Kill the daemon with SIGKILL this often, at random moments, and restart it.",
            valueName: "N"))
    var kills = 0

    @Flag(help: "Keep the demo's directory with policy and journal, and print where it is.")
    var keep = false

    /// Real time after which the demo gives up.
    private static let patience = Duration.seconds(55)

    static func main() async {
        let process = CommandProcess()
        await process.run(Self.self, Array(CommandLine.arguments.dropFirst()))
    }

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
        let state = "\(directory.path)/state"
        let watch = DemoWatch(
            script: script, server: server, journal: state,
            arguments: DaemonCommand.arguments(policy: policy, state: state, clock: clock))
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
