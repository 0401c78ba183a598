import ArgumentParser
import OpwatchDaemon
import OpwatchProcess

/// `opwatchd-demo daemon`: the daemon in the demo's time, as a child that can be killed.
struct DaemonCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "daemon", abstract: "Run the daemon in the demo's time.",
        shouldDisplay: false)

    @Option var policy: String
    @Option var state: String
    @Option var clock: DemoClock

    /// The command line, without the program's name, that this reads.
    static func arguments(policy: String, state: String, clock: DemoClock) -> [String] {
        [
            "daemon", "--policy", policy, "--state", state, "--clock",
            clock.argument,
        ]
    }

    func run() async throws {
        let daemon = DaemonProcess(policyPath: policy, stateDirectory: state)
        try await daemon.run { .demo(clock, pools: $0) }
    }
}
