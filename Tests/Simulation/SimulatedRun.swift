import DiskSimulator
import OpwatchCore
import OpwatchDaemon
import OpwatchEngine
import OpwatchJournal
import OpwatchReports
import SeededRandom
import WireFormat

/// One seed: the shipped engine, loop and journal against simulated services, with faults first and
/// then without, under the eyes of a judge that sees the truth.
final class SimulatedRun {
    private let plan: RunPlan
    private var random: SplitMix
    private let clock = SimulatedClock()
    private let machine: SimulatedMachine
    private var network: SimulatedNetwork
    private let places: [SimulatedPolicy.Place]
    private var policy: SimulatedPolicy
    /// What is in force; the file may say something else.
    private var isFileGood = true
    private var schedule = Schedule<Action>()
    private var judge = Judge()
    private var hash = TraceHash()
    private(set) var reached = Reached()
    private var decisions = 0
    /// Of the daemon; answers to an earlier one reach nobody.
    private var life = 0
    /// Records that are not durable yet: with the next checkpoint, or never.
    private var held: [JournalRecord] = []
    private var isDead = false
    /// All faults have ended, and nothing waits any more.
    private var isSettled = false
    /// Begins when the next intent is durable, while its cancel is on its way.
    private var nextFault: (fault: SimulatedDisk.Fault, time: Duration)?
    private var knownIntents: Set<IntentID> = []
    private var onObservation: ((Timestamp, Observation) -> Void)?

    /// After all faults have ended, what waits for longer than the second keeps a run going; the
    /// first has to pass at least.
    private static let (calmMin, waitMax) = (Duration.seconds(5_400), Duration.seconds(3_600))

    /// - Parameter plan: another one than the seed's own.
    init(seed: UInt64, plan: RunPlan? = nil, faults: FaultPlan? = nil) {
        var random = SplitMix(seed: seed)
        let own = RunPlan.random(&random)
        self.plan = plan ?? own
        machine = SimulatedMachine(clock, isManaged: seed % 4 == 0)
        let ownFaults = FaultPlan.random(&random)
        network = SimulatedNetwork(
            plan: faults ?? ownFaults, start: SimulatedClock.start, &random)
        places = network.places
        policy = .random(over: places, &random)
        self.random = random
    }

    /// What the seed alone would have happen.
    static func plans(of seed: UInt64) -> (RunPlan, FaultPlan) {
        var random = SplitMix(seed: seed)
        let plan = RunPlan.random(&random)
        return (plan, .random(&random))
    }

    /// Shows every observation, e.g. to print the story of the run.
    func follow(_ show: @escaping (Timestamp, Observation) -> Void) {
        onObservation = show
    }

    /// How things are as the daemon sees them; nil while it is down.
    var standing: Standing? { machine.loop?.engine.standing }

    // MARK: The run

    func run() -> RunOutcome {
        machine.write(policy: policy.text)
        schedule.add(.start, at: SimulatedClock.start)
        for step in plan.steps {
            schedule.add(.happen(step.what), at: SimulatedClock.start.advanced(by: step.at))
        }
        schedule.add(.heal, at: SimulatedClock.start.advanced(by: plan.healAt))
        let end = SimulatedClock.start.advanced(by: plan.end)
        while judge.violations.isEmpty, !isSettled {
            let wake = machine.loop.flatMap { $0.nextWake(after: clock.instant) }
                .map { clock.time(of: $0) }
            let next = min(schedule.next ?? end, wake ?? end)
            guard next < end else { break }
            goOn(to: next)
            if let due = schedule.next, due <= next {
                if let (_, action) = schedule.take() { perform(action) }
            } else {
                // Not even a loop that wakes for nothing holds the time up.
                clock.goOn(to: next.advanced(by: .milliseconds(1)))
                step([])
            }
        }
        if !isSettled { goOn(to: end) }
        see(.finished)
        noteTally()
        for (name, content) in machine.disk.image.files.sorted(by: { $0.key < $1.key }) {
            hash.add(name)
            hash.add(Int64(content.count))
        }
        return RunOutcome(
            violations: judge.violations.map(\.description), hash: hash.value,
            decisions: decisions, faults: network.faultCount, reached: reached)
    }

    /// Lets the truth happen until then.
    private func goOn(to time: Timestamp) {
        network.advance(to: time) { moment, observation in
            clock.goOn(to: moment)
            see(observation)
        }
        clock.goOn(to: time)
    }

    private func perform(_ action: Action) {
        switch action {
        case .deliver(let delivery, let life):
            guard life == self.life, machine.loop != nil else { return }
            for observation in delivery.observations { see(observation) }
            step([.engine(delivery.event)])
        case .post(let post, let life):
            guard life == self.life, machine.loop != nil else { return }
            send(post)
        case .happen(let what): happen(what)
        case .start: start()
        case .diskWorks: machine.disk.set(nil)
        case .heal: heal()
        case .lookForEnd: lookForEnd()
        }
    }

    // MARK: The daemon

    private func step(_ events: [LoopEvent]) {
        guard let loop = machine.loop else { return }
        loop.step(events) { perform($0) }
        flush()
        buryIfDead()
        if machine.loop != nil, loop.isFinished { stopped() }
    }

    /// What the daemon wants sent; a dead one sends nothing.
    private func perform(_ outgoing: consuming Outgoing) {
        flush()
        let isDead = machine.disk.death != nil
        switch consume outgoing {
        case .connection(let id, let service): network.connect(id, service)
        case .freshCredentials: break
        case .request(let id, let request):
            guard !isDead else { return }
            if case .fetch(let operation, _) = request {
                see(
                    .getSent(
                        endpoint: operation.endpoint.description, name: operation.name,
                        request: network.nextGet))
            }
            for delivery in network.send(id, request, at: clock.now, clock.instant) {
                schedule.add(.deliver(delivery, life: life), at: delivery.at)
            }
        case .cancel(let permit):
            guard !isDead else { return }
            let id = permit.id
            let open = permit.open()
            let post = SimulatedNetwork.Post(
                id: id, operation: open.operation, intent: open.intent, expires: open.expires)
            see(
                .permitted(
                    endpoint: post.operation.endpoint.description, name: post.operation.name,
                    intent: post.intent))
            // Connecting takes its time, now and then too much of it.
            let delay: Duration = random.once(in: 6) ? random.milliseconds(1...7_000) : .zero
            schedule.add(.post(post, life: life), at: clock.now.advanced(by: delay))
        }
    }

    private func send(_ post: SimulatedNetwork.Post) {
        if clock.instant > post.expires {
            reached.note("post.expired")
            see(.postAnswered(intent: post.intent, .notSent))
            let failure = CallFailure.notSent(reason: "the permit expired")
            return step([.engine(.cancelAnswered(post.id, .failure(failure)))])
        }
        reached.note("post")
        hash.add(post.operation.name)
        hash.add(clock.now.seconds)
        let endpoint = post.operation.endpoint.description
        see(.posted(endpoint: endpoint, name: post.operation.name, intent: post.intent))
        let (delivery, number) = network.post(post, at: clock.now)
        if let number {
            see(.postArrived(endpoint: endpoint, name: post.operation.name, number: number))
        }
        schedule.add(.deliver(delivery, life: life), at: delivery.at)
    }

    private func start() {
        guard machine.loop == nil else { return }
        guard machine.start(), let loop = machine.loop else {
            reached.note("start.failed")
            machine.end()
            return schedule.add(.start, at: clock.now.advanced(by: .seconds(5)))
        }
        life += 1
        isDead = false
        reached.note("start")
        noteRecovered(loop.engine.state)
        see(.daemonStarted)
        see(.policyInForce(policy))
        isFileGood = true
        loop.start { perform($0) }
        flush()
        buryIfDead()
        step([])
    }

    /// What was durable although nobody had told.
    private func noteRecovered(_ state: WatchState) {
        var recovered = machine.written(of: held)
        // A death in the middle of a new file: what was held stands in its checkpoint.
        if state.hasTaken(Array(held.dropFirst(recovered.count))) { recovered = held }
        held = []
        for ref in state.openCancels {
            guard let intent = state.cancel(ref)?.intent, !knownIntents.contains(intent.id)
            else { continue }
            if !recovered.contains(.intent(intent)) { recovered.append(.intent(intent)) }
        }
        if !recovered.isEmpty {
            reached.note("recovered.untold")
            durable(recovered)
        }
    }

    private func buryIfDead() {
        guard let call = machine.disk.death else { return }
        reached.note("kill.\(call)")
        bury(losingPower: random.once(in: 2))
    }

    private func bury(losingPower: Bool) {
        noteTally()
        machine.kill(losingPower: losingPower, &random)
        _ = machine.takeWords()
        see(.daemonKilled)
        schedule.add(.start, at: clock.now.advanced(by: random.seconds(1...60)))
    }

    private func stopped() {
        machine.loop?.close()
        flush()
        noteTally()
        machine.end()
        reached.note("stop")
        see(.daemonKilled)
        schedule.add(.start, at: clock.now.advanced(by: random.seconds(1...60)))
    }

    private func noteTally() {
        guard let tally = machine.loop?.engine.tally else { return }
        decisions += tally.decisions
        for (kind, count) in tally.refusals.sorted(by: { $0.key < $1.key }) {
            reached.note("refusal.\(kind)", count)
        }
    }

    // MARK: What happens

    private func happen(_ what: RunPlan.What) {
        switch what {
        case .reload(let isGood): reload(isGood: isGood)
        case .kill(let calls?, _):
            machine.disk.kill(afterCalls: calls)
        case .kill(nil, let losesPower):
            guard machine.loop != nil else { return }
            reached.note("kill.idle")
            bury(losingPower: losesPower)
        case .stop: step([.shutdown])
        case .clock(let offset):
            reached.note("clock")
            clock.setOffset(offset)
            see(.clockOff(by: offset))
            step([])
        case .disk(let fault, let time):
            reached.note("disk.\(fault)")
            if random.once(in: 2) { nextFault = (fault, time) } else { fail(fault, for: time) }
        }
    }

    private func fail(_ fault: SimulatedDisk.Fault, for time: Duration) {
        machine.disk.set(fault)
        schedule.add(.diskWorks, at: clock.now.advanced(by: time))
    }

    private func reload(isGood: Bool) {
        guard machine.loop != nil else { return }
        if isGood {
            policy = policy.edited(over: places, &random)
            machine.write(policy: policy.text)
            // The judge is told first: records of the reload are of the new policy.
            see(.policyInForce(policy))
        } else {
            machine.write(policy: "version: 1\nmode: enfroce\n")
            see(.policyRefused)
        }
        isFileGood = isGood
        reached.note(isGood ? "reload.good" : "reload.bad")
        step([.reload])
        // A start reads what is in force again, not what was refused.
        if !isGood { machine.write(policy: policy.text) }
    }

    private func heal() {
        nextFault = nil
        machine.disk.set(nil)
        clock.setOffset(.zero)
        see(.clockOff(by: .zero))
        network.heal(at: clock.now)
        machine.write(policy: policy.text)
        if machine.loop == nil {
            start()
        } else if !isFileGood {
            see(.policyInForce(policy))
            isFileGood = true
            step([.reload])
        }
        see(.healed)
        step([])
        if plan.endsEarly {
            schedule.add(.lookForEnd, at: clock.now.advanced(by: Self.calmMin))
        }
    }

    private func lookForEnd() {
        guard judge.isWaiting(longerThan: Self.waitMax) else {
            reached.note("settled")
            return isSettled = true
        }
        schedule.add(.lookForEnd, at: clock.now.advanced(by: Self.waitMax / 2))
    }

    // MARK: What the judge sees

    private func see(_ observation: Observation) {
        onObservation?(clock.now, observation)
        judge.see(observation, at: clock.now)
    }

    private func durable(_ records: [JournalRecord]) {
        for case .intent(let intent) in records {
            knownIntents.insert(intent.id)
            if let (fault, time) = nextFault { fail(fault, for: time) }
            nextFault = nil
        }
        for record in records { note(record) }
        see(.durable(records))
    }

    private func note(_ record: JournalRecord) {
        switch record {
        case .verdict(let operation, _, let verdict, let late, _, _):
            reached.note("verdict.\(late ? "late." : "")\(verdict.rawValue)")
            network.forget(operation)
        case .breaker(_, let cause?, _): reached.note("breaker.\(cause.kind?.rawValue ?? "none")")
        case .breaker(_, nil, _): reached.note("breaker.closed")
        default: reached.note("record.\(record.kindName)")
        }
    }

    /// Hands on what the daemon said; what a dead one said does not count.
    private func flush() {
        let words = machine.takeWords()
        for word in words {
            switch word {
            case .died: isDead = true
            case .journalled(.held(let records)) where isDead: held += records
            case _ where isDead: break
            case .journalled(.durable(let records)): durable(records)
            case .journalled(.held(let records)):
                reached.note("journal.held")
                held += records
                see(.held)
            case .journalled(.checkpoint):
                reached.note("journal.checkpoint")
                if !held.isEmpty { durable(held) }
                held = []
            case .told(let entry): tell(entry)
            }
        }
    }

    private func tell(_ entry: JournalEntry) {
        if let kind = entry.kind { reached.note("told.\(kind.rawValue)") }
        hash.add(entry.message)
        hash.add(clock.now.seconds)
        let operation = entry.fields.first { $0.name == .operation }?.value
        see(.told(kind: entry.kind?.rawValue, operation: operation, text: entry.message))
    }
}
