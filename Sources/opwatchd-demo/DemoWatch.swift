import Glibc
import OperationsSimulator
import OpwatchCore
import OpwatchJournal
import OpwatchProcess
import WireFormat

/// Runs the demo's daemon and reads in its journal what became of each operation.
struct DemoWatch {
    let script: DemoScript
    let server: SimulatorHandle
    let journal: String
    let arguments: [String]

    private static let pace = Duration.milliseconds(100)

    /// Runs the daemon until every scripted verdict is in the journal, or time is up.
    /// - Returns: whether everything ended as scripted.
    func run(kills: Int, until deadline: ContinuousClock.Instant) async throws -> Bool {
        var daemon = try ChildProcess(arguments: arguments)
        var killTimes = Self.killTimes(kills)
        while ContinuousClock.now < deadline, !isSettled || !killTimes.isEmpty {
            try await Task.sleep(for: Self.pace)
            if let code = daemon.ended() {
                throw Failure(.failure, "the daemon ended with code \(code)")
            }
            if let next = killTimes.first, next <= ContinuousClock.now {
                killTimes.removeFirst()
                daemon.signal(SIGKILL)
                _ = daemon.wait()
                Output.line("--- killed with SIGKILL, started again ---")
                daemon = try ChildProcess(arguments: arguments)
            }
        }
        daemon.signal(SIGTERM)
        let code = daemon.wait()
        if code != 0 { Output.error("the daemon ended with code \(code)") }
        return report() && code == 0
    }

    /// Random moments in the busiest part of the demo.
    private static func killTimes(_ count: Int) -> [ContinuousClock.Instant] {
        (0..<count).map { _ in
            ContinuousClock.now.advanced(by: .milliseconds(Int.random(in: 100...20_000)))
        }.sorted()
    }

    private var isSettled: Bool {
        let facts = JournalFacts(directory: journal)
        return script.roles.allSatisfy { role in
            role.end == .untouched || facts.verdicts[role.operation.name] != nil
        }
    }

    // MARK: The table

    private func report() -> Bool {
        let facts = JournalFacts(directory: journal)
        var table = TextTable("OPERATION", "RULE", "VERDICT", "POSTS", "AS SCRIPTED")
        var outcomes: Set<String> = []
        var isAsScripted = true
        for role in script.roles {
            let name = role.operation.name
            let posts = server.cancelCount(name)
            let verdict = facts.verdicts[name]?.rawValue
            let seen = verdict ?? (posts == 0 ? "untouched" : "unproven")
            let isRight =
                seen == role.end.text && posts <= facts.intents[name, default: 0]
                && (facts.rules[name] ?? role.rule) == role.rule
            outcomes.insert(seen)
            isAsScripted = isAsScripted && isRight
            table.add([
                name, role.rule, seen, String(posts),
                isRight ? "yes" : "NO, expected \(role.end.text)",
            ])
        }
        Output.line("")
        Output.lines(table.lines(isColoured: Output.isColoured))
        Output.line(
            "\n\(script.roles.count) operations, \(outcomes.count) different outcomes, "
                + "\(facts.intents.values.reduce(0, +)) intents sent, "
                + "\(script.operations.count - script.roles.count) healthy operations left alone")
        return isAsScripted && healthyWereLeftAlone
    }

    private var healthyWereLeftAlone: Bool {
        let roles = Set(script.roles.map(\.operation.name))
        return script.operations.allSatisfy { operation in
            roles.contains(operation.name) || server.cancelCount(operation.name) == 0
        }
    }
}

/// What all files of a journal tell of cancels, by operation name.
private struct JournalFacts {
    private(set) var verdicts: [String: Verdict] = [:]
    /// The rule of the last intent.
    private(set) var rules: [String: String] = [:]
    /// Intents that were not withdrawn.
    private(set) var intents: [String: Int] = [:]

    init(directory: String) {
        var names: [IntentID: String] = [:]
        let records: [JournalRecord]
        do throws(JournalError) {
            records = try JournalInspection.history(directory: directory)
        } catch {
            // The daemon has not made its journal yet.
            return
        }
        for record in records {
            switch record {
            case .verdict(let operation, _, let verdict, late: false, _, _):
                verdicts[operation.name] = verdict
            case .intent(let intent):
                names[intent.id] = intent.operation.name
                rules[intent.operation.name] = intent.rule
                intents[intent.operation.name, default: 0] += 1
            case .withdrawn(let id, _):
                if let name = names[id] { intents[name, default: 0] -= 1 }
            default: break
            }
        }
    }
}
