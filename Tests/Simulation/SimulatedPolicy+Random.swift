import OpwatchCore
import SeededRandom

extension SimulatedPolicy {
    /// The services of a run: where they are, and all parents that each endpoint has.
    struct Place: Sendable {
        let endpoint: String
        let parents: [String]
    }

    static func random(over places: [Place], _ random: inout SplitMix) -> SimulatedPolicy {
        SimulatedPolicy(
            mode: random.once(in: 8) ? .observe : .enforce,
            services: services(over: places, &random), rules: rules(&random),
            confirmations: random.pick([1, 2, 2, 3]), cancelsPerPoll: random.pick([1, 3, 5, 50]),
            cancelsPerHour: random.pick([2, 10, 20, 100]),
            maxOverdueSharePercent: random.pick([20, 50, 100, 100]),
            maxFailedCancels: random.pick([0, 2, 3, 5]), canary: !random.once(in: 3),
            verifyWithin: random.pick([.seconds(60), .seconds(300), .seconds(600)]),
            verifyAttempts: random.pick([1, 2, 3]))
    }

    /// Another policy, as an operator would edit it: mostly a little of it.
    func edited(over places: [Place], _ random: inout SplitMix) -> SimulatedPolicy {
        var next = self
        switch random.below(8) {
        case 0: next = .random(over: places, &random)
        case 1: next.mode = mode == .enforce ? .observe : .enforce
        case 2: next.services = Self.services(over: places, &random)
        case 3: next.rules = Self.rules(&random)
        case 4: next.verifyWithin = random.pick([.seconds(60), .seconds(900)])
        case 5:
            for index in next.services.indices {
                next.services[index].parents.reverse()
            }
        case 6:
            for index in next.services.indices where next.services[index].parents.count > 1 {
                next.services[index].parents.remove(
                    at: random.below(next.services[index].parents.count))
            }
        default: next.cancelsPerHour = random.pick([2, 50])
        }
        return next
    }

    /// Each endpoint is a service, or two that share its parents.
    private static func services(
        over places: [Place], _ random: inout SplitMix
    ) -> [SimulatedServicePolicy] {
        var services: [SimulatedServicePolicy] = []
        for (number, place) in places.enumerated() {
            let interval: Duration = random.pick(
                [.seconds(30), .seconds(60), .seconds(60), .seconds(180), .seconds(300)])
            var parents = place.parents
            if random.once(in: 4) { parents.reverse() }
            if random.once(in: 5), parents.count > 1 { parents.removeLast() }
            let half = random.once(in: 3) && parents.count > 1 ? 1 : parents.count
            services.append(
                SimulatedServicePolicy(
                    name: "service-\(number)", endpoint: place.endpoint,
                    parents: Array(parents[..<half]), interval: interval))
            if half < parents.count {
                services.append(
                    SimulatedServicePolicy(
                        name: "service-\(number)-b", endpoint: place.endpoint,
                        parents: Array(parents[half...]), interval: interval))
            }
        }
        return services
    }

    private static func rules(_ random: inout SplitMix) -> [SimulatedRule] {
        var rules = [SimulatedRule(name: "keep", action: .ignore, team: "keep")]
        let timeout: Duration = random.pick([.seconds(600), .seconds(2_700), .seconds(7_200)])
        var slow = SimulatedRule(name: "slow", action: .cancel, team: random.pick(["slow", nil]))
        switch random.below(6) {
        case 0: slow.running = timeout
        case 1: slow.stalled = timeout
        case 2: (slow.total, slow.running) = (timeout, timeout / 2)
        default: slow.total = timeout
        }
        if random.once(in: 3) { slow.warnBefore = timeout / 4 }
        rules.append(slow)
        if slow.team != nil {
            let action: Action = random.pick([.warn, .cancel])
            rules.append(
                SimulatedRule(
                    name: "rest", action: action, total: random.pick([timeout, timeout * 2])))
        }
        return rules
    }
}
