import ArgumentParser
import OpwatchDaemon
import OpwatchProcess

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

    func run() async throws {
        let daemon = DaemonProcess(policyPath: policy.path, stateDirectory: state.path)
        try await daemon.run { .live(pools: $0) }
    }
}
