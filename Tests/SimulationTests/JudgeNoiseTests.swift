import OpwatchCore
import SeededRandom
import Testing
import WireFormat

@testable import Simulation

/// Traces of any noise: the judge takes them all, and says the same of the same.
@Suite struct JudgeNoiseTests {
    @Test("equal traces give equal violations", arguments: UInt64(0)..<40)
    func equal(seed: UInt64) {
        var noise = Noise(seed: seed)
        let trace = (0..<2_000).map { _ in noise.next() }
        let judged = (0..<2).map { _ in
            trace.reduce(into: Judge()) { judge, step in
                judge.see(step.observation, at: Script.at(step.second))
            }.violations
        }
        #expect(judged[0] == judged[1], "seed \(seed)")
        #expect(judged[0].count <= 20)
    }
}

/// Observations without sense, in the order of time.
struct Noise {
    private var random: SplitMix
    private var second = 0
    private var born = 0

    init(seed: UInt64) { random = SplitMix(seed: seed) }

    mutating func next() -> (second: Int, observation: Observation) {
        second += random.pick([0, 0, 1, 5, 60, 300, 4_000])
        let number = random.below(born + 2)
        let name = "p/operations/\(random.below(5))"
        let id = IntentID(UInt64(random.below(12)))
        let request = UInt64(random.below(6))
        let observation: Observation =
            switch random.below(24) {
            case 0, 1: bear(name)
            case 2: .started(number: number, at: Script.at(second))
            case 3: .progressed(number: number)
            case 4: .ended(number: number, code: random.below(3))
            case 5: .gone(number: number)
            case 6: .cancelledByOther(number: number)
            case 7: random.pick([.daemonStarted, .daemonKilled, .policyRefused, .healed])
            case 8, 9: .policyInForce(policy())
            case 10, 11, 12, 13: page()
            case 14: .pageFailed(service: "s", parent: "p", walk: UInt32(random.below(3)))
            case 15: .getSent(endpoint: Script.endpoint, name: name, request: request)
            case 16: .getAnswered(request: request, random.once(in: 3) ? nil : shown(number))
            case 17:
                random.once(in: 2)
                    ? .permitted(endpoint: Script.endpoint, name: name, intent: id)
                    : .posted(endpoint: Script.endpoint, name: name, intent: id)
            case 18: .postArrived(endpoint: Script.endpoint, name: name, number: number)
            case 19: .postAnswered(intent: id, answer())
            case 20, 21: .durable((0..<3).map { _ in record(name, id) })
            case 22: .told(kind: "cancelAsked", operation: name, text: "")
            default: random.once(in: 4) ? .finished : .clockOff(by: .seconds(random.below(700)))
            }
        return (second, observation)
    }

    private mutating func bear(_ name: String) -> Observation {
        born += 1
        return .born(
            TrueOperation(
                number: born, endpoint: Script.endpoint, parent: "p", name: name,
                created: Script.at(second), team: random.pick([nil, "keep"])))
    }

    private mutating func policy() -> SimulatedPolicy {
        var policy = Script.policy
        policy.mode = random.pick([.enforce, .observe])
        policy.canary = random.once(in: 2)
        policy.services[0].parents = random.pick([["p"], [], ["q"]])
        policy.cancelsPerHour = random.below(3)
        policy.rules[0].stalled = random.pick([nil, .seconds(100)])
        return policy
    }

    private mutating func page() -> Observation {
        .page(
            ShownPage(
                service: random.pick(["s", "t"]), parent: random.pick(["p", "q"]),
                walk: UInt32(random.below(3)), isFirst: random.once(in: 2),
                isLast: random.once(in: 2), unreachable: random.pick([[], ["x"]]),
                shown: (0..<4).map { _ in shown(random.below(born + 2)) },
                date: random.pick([nil, Script.at(second), .latest, .earliest])))
    }

    private mutating func shown(_ number: Int) -> Shown {
        let times: [Timestamp?] = [nil, Script.at(second), Script.begin, .earliest, .latest]
        return Shown(
            number: number, name: "p/operations/\(random.below(5))", created: random.pick(times),
            started: random.pick(times), updated: random.pick(times), team: nil,
            isDone: random.once(in: 4), code: random.below(3),
            isCancelRequested: random.once(in: 4))
    }

    private mutating func answer() -> PostAnswer {
        random.pick([
            .accepted, .lost, .notSent, .error("ABORTED"), .error("PERMISSION_DENIED"),
            .error("UNIMPLEMENTED"), .error("NOT_FOUND"), .error("INTERNAL"),
        ])
    }

    private mutating func record(_ name: String, _ id: IntentID) -> JournalRecord {
        let identity = Script.identity(name)
        let now = Script.at(second)
        switch random.below(14) {
        case 0, 1, 2:
            return .seen(
                .init(
                    partition: Script.partition, name: name, since: now,
                    isCreation: random.once(in: 2)))
        case 3, 4: return Script().intent(id.number, 1) { $0.operation = identity }
        case 5: return .withdrawn(id, reason: "x")
        case 6: return .asked(id, http: random.pick([0, 200, 409]), status: "x")
        case 7, 8:
            let verdict = random.pick(Verdict.allCases)
            return .verdict(
                identity, random.once(in: 4) ? nil : id, verdict, late: random.once(in: 4), at: now)
        case 9: return .finished(identity, code: Int64(random.below(3)))
        case 10: return random.pick([.vanished(identity), .dropped(identity)])
        case 11: return .moved(identity, to: Script.partition)
        case 12:
            return .breaker(
                service: "s", opened: random.once(in: 2) ? nil : BreakerCause(nil, words: ""),
                at: now)
        default:
            return .unsupported(Endpoint(Script.endpoint), collection: "p", type: nil, at: now)
        }
    }
}
