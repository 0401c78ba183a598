import OpwatchCore
import SeededRandom
import WireFormat

/// A simulated API: the truth about its operations, and what it answers.
///
/// A request has its effect at once, at the time of the call; only its answer takes time. Call
/// `advance` before each request: the answers are about what happened until then.
struct SimulatedService: Sendable {
    let endpoint: String
    private var lives: OperationLives
    private var faults: Faults
    private var lists: SimulatedLists
    private var cancels: SimulatedCancels
    private let style: BodyStyle

    /// - Parameters:
    ///   - lives: how operations come and go; nothing is born before the first `advance`.
    ///   - firstNumber: of its operations; services of one run must not share numbers.
    init(
        endpoint: String, parents: [String], plan: FaultPlan, random: SplitMix, start: Timestamp,
        lives: LifePlan, firstNumber: Int = 1
    ) {
        var random = random
        self.endpoint = endpoint
        self.lives = OperationLives(
            endpoint: endpoint, parents: parents, plan: lives,
            random: SplitMix(seed: random.next()), start: start, firstNumber: firstNumber)
        style = .random(&random)
        lists = SimulatedLists(style: style)
        var faults = Faults(plan, random: random, start: start)
        cancels = SimulatedCancels(style: style, &faults)
        self.faults = faults
    }

    /// How often each kind of fault happened.
    var counts: FaultCounts { faults.counts }

    /// When the truth changes next; nil: never again by itself.
    var nextChange: Timestamp? { lives.next }

    /// Lets everything happen until then; in order of true time.
    mutating func advance(to time: Timestamp) -> [Observation] {
        lives.advance(to: time, &faults)
    }

    /// From now on there are no faults; cancels in hand end their operations within two minutes.
    mutating func heal(at now: Timestamp) {
        faults.heal()
        lives.heal(at: now)
    }

    /// What every cancel of the operation is refused with, also after `heal`; nil: none, or not
    /// drawn yet because nobody asked, or the operation is long gone.
    func lastingRefusal(number: Int) -> StatusCode? {
        lives.operation(number: number).flatMap { cancels.lastingRefusal(of: $0) }
    }

    /// A page of the parent's operations.
    /// - Parameters:
    ///   - filter: one that hides what is done, or none; others are refused.
    ///   - pageSize: 20 where it is not positive.
    mutating func list(
        parent: String, filter: String?, pageSize: Int, pageToken: String?, at now: Timestamp
    ) -> Reply<ListOutcome> {
        if let interruption = faults.interruption(of: .list, at: now) {
            return faults.reply(interruption, nil)
        }
        let request = SimulatedLists.Request(
            parent: parent, filter: filter, pageSize: pageSize, pageToken: pageToken, time: now)
        return lists.list(request, &lives, &faults)
    }

    /// The operation of this name.
    mutating func get(name: String, at now: Timestamp) -> Reply<GetOutcome> {
        let place = lives.place(named: name)
        if let interruption = faults.interruption(of: .get, at: now) {
            return faults.reply(interruption, place)
        }
        guard let place, let shown = image(of: place, at: now) else {
            return faults.notFound(name, place)
        }
        if !shown.isDone, faults.draws(.endsAfterGet) {
            lives.endSoon(place, at: now, within: .seconds(3), .endsAfterGet, &faults)
        }
        var outcome = GetOutcome(body: lives.json(of: shown, at: place, style: style), shown: shown)
        if faults.breaks(&outcome.body) { outcome.shown = nil }
        return Reply(
            delay: faults.delay(), result: .success(outcome), date: faults.date(at: now),
            fate: Fate(number: place.number))
    }

    /// As a GET shows it; nil where it says that there is no such operation.
    private mutating func image(of place: Agenda.Place, at now: Timestamp) -> Shown? {
        guard faults.strikes(.staleGet) else { return lives.image(of: place, asOf: now) }
        if faults.random.once(in: 2) {
            let lag = faults.random.seconds(1...120)
            return lives.image(of: place, asOf: now.advanced(by: .zero - lag))
        }
        var shown = lives.image(of: place, asOf: now)
        if faults.random.once(in: 2) { shown?.started = nil }
        let created = faults.shifted(shown?.created)
        if faults.random.once(in: 2) { shown?.created = created }
        return shown
    }

    /// Asks for the end of the operation.
    mutating func cancel(name: String, at now: Timestamp) -> Reply<CancelOutcome> {
        let place = lives.place(named: name)
        guard let interruption = faults.interruption(of: .cancel, at: now) else {
            return cancels.cancel(place, name, at: now, &lives, &faults)
        }
        var answer: Reply<CancelOutcome> = faults.reply(interruption, place)
        if interruption.isDone {
            let unseen = cancels.cancel(place, name, at: now, &lives, &faults)
            answer.fate.isEffective = unseen.fate.isEffective
        }
        return answer
    }
}
