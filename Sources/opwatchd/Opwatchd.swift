import ArgumentParser
import OpwatchProcess

/// The command line.
@main
struct Opwatchd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "opwatchd",
        abstract: "Watches long-running operations and cancels those that outrun a policy.",
        discussion: """
            opwatchd lists the operations of Google-style REST APIs, remembers them in a journal, \
            cancels those that outrun the timeouts of a policy file, and proves what became of \
            each cancel. In mode observe, the default, it only says what it would do.

            Exit codes: 0 ok, 64 usage, 65 data damaged, 69 service unavailable, 74 I/O error, \
            75 locked by another process, 77 permission, 78 configuration.
            """,
        version: Build.version,
        subcommands: [
            RunCommand.self, CheckCommand.self, PlanCommand.self, FilterCommand.self,
            AuthCommand.self, StatusCommand.self, JournalCommand.self,
        ])

    static func main() async {
        let process = CommandProcess()
        let arguments = Array(CommandLine.arguments.dropFirst())
        await process.run(Self.self, FilterCommand.separating(arguments))
    }
}
