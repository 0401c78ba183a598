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
    @Flag(help: "Stop at the first seed that goes wrong.")
    var untilFailure = false
    @Flag(help: "Run every seed twice: both times have to leave the same trace.")
    var twice = false
    @Flag(help: "Fail where something that should happen now and then never did.")
    var expectAll = false
    @Option(help: "Tell the story of this seed alone, made as short as it can be.")
    var story: UInt64?

    func run() async throws {
        if let story {
            print(SeedStory(story).text)
            return
        }
        let range = SeedRange(first: from, count: seeds, isTwice: twice)
        let summary = await range.run(jobs: jobs, untilFailure: untilFailure) { print($0) }
        if table { print(summary.table) }
        let missing = expectAll ? Expectation.missing(in: summary.reached) : []
        if !missing.isEmpty { print("never happened: \(missing.joined(separator: ", "))") }
        print(summary.line)
        if !summary.isRight || !missing.isEmpty { throw ExitCode(1) }
    }
}
