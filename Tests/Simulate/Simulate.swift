import ArgumentParser
import Simulation

/// Runs seeds and says what went wrong in them.
@main
struct Simulate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Runs the daemon's engine, loop and journal against simulated services.")

    @Option(help: "How many seeds.")
    var seeds = 100
    @Option(help: "The first of them.")
    var from: UInt64 = 1
    @Option(help: "Seeds at a time.")
    var jobs = 2
    @Flag(help: "Print what every seed reached.")
    var table = false
    @Option(help: "Tell the story of this seed alone.")
    var story: UInt64?

    func run() async throws {
        if let story {
            print(SeedStory(story).text)
            return
        }
        let summary = await SeedRange(first: from, count: seeds).run(jobs: jobs) { print($0) }
        if table { print(summary.table) }
        print(summary.line)
        if !summary.isRight { throw ExitCode(1) }
    }
}
