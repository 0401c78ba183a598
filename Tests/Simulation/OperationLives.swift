import OpwatchCore
import SeededRandom
import WireFormat

/// The truth about the operations of a simulated service, and how it goes on.
struct OperationLives: Sendable {
    private let endpoint: String
    let parents: [String]
    let plan: LifePlan
    private var random: SplitMix
    private var agenda = Agenda()
    /// By parent, in order of birth; those that are gone are kept for a while.
    private(set) var operations: [[SimulatedOperation]]
    /// Those of the operations, in their order; they are looked up far more often than anything.
    private var numbers: [[Int]]
    private var numberNext: Int
    private var idNext = 1

    init(
        endpoint: String, parents: [String], plan: LifePlan, random: SplitMix, start: Timestamp,
        firstNumber: Int
    ) {
        self.endpoint = endpoint
        self.parents = parents
        self.plan = plan
        self.random = random
        numberNext = firstNumber
        operations = parents.map { _ in [] }
        numbers = operations.map { _ in [] }
        for parent in parents.indices { addFirstBirths(parent, at: start) }
    }

    /// When something happens next.
    var next: Timestamp? { agenda.next }

    /// Lets everything happen until then.
    mutating func advance(to time: Timestamp, _ faults: inout Faults) -> [Observation] {
        var observations: [Observation] = []
        while let entry = agenda.take(until: time) {
            apply(entry.change, at: entry.time, &faults, &observations)
        }
        return observations
    }

    mutating func heal(at now: Timestamp) {
        agenda.heal(endingBy: now.advanced(by: .seconds(120)))
    }

    /// The operation that has the name now.
    func place(named name: String) -> Agenda.Place? {
        for list in operations {
            if let found = list.last(where: { $0.gone == nil && $0.truth.name == name }) {
                return found.place
            }
        }
        return nil
    }

    func operation(number: Int) -> SimulatedOperation? {
        operations.joined().first { $0.truth.number == number }
    }

    subscript(place: Agenda.Place) -> SimulatedOperation? {
        get { index(of: place).map { operations[place.parent][$0] } }
        set {
            if let newValue, let index = index(of: place) {
                operations[place.parent][index] = newValue
            }
        }
    }

    /// How it looked then; nil where it could not be found.
    func image(of place: Agenda.Place, asOf time: Timestamp) -> Shown? {
        index(of: place).flatMap { index in
            operations[place.parent][index].image(asOf: time, showsFlag: plan.showsFlag)
        }
    }

    /// It ends then, unless it ends earlier.
    mutating func end(
        _ place: Agenda.Place, code: Int, at time: Timestamp, isCancel: Bool = false
    ) {
        if isCancel { self[place]?.isEnding = true }
        agenda.add(.end(place, code: code, isCancel: isCancel), at: time)
    }

    /// It ends on its own within that time, if it still runs.
    mutating func endSoon(
        _ place: Agenda.Place, at now: Timestamp, within longest: Duration, _ kind: FaultKind,
        _ faults: inout Faults
    ) {
        guard let operation = self[place], operation.ended == nil, operation.gone == nil else {
            return
        }
        faults.count(kind)
        let time = now.advanced(by: faults.random.duration(upTo: longest))
        end(place, code: faults.random.pick([0, 0, 13]), at: time)
    }

    /// The JSON of an image, made only where it is another than the last.
    mutating func json(of shown: Shown, at place: Agenda.Place, style: BodyStyle) -> [UInt8] {
        guard let index = index(of: place) else { return [] }
        return operations[place.parent][index].json(of: shown, style: style)
    }

    private func index(of place: Agenda.Place) -> Int? {
        let list = numbers[place.parent]
        var (low, high) = (0, list.count)
        while low < high {
            let middle = (low + high) / 2
            if list[middle] < place.number { low = middle + 1 } else { high = middle }
        }
        return low < list.count && list[low] == place.number ? low : nil
    }

    private mutating func addFirstBirths(_ parent: Int, at start: Timestamp) {
        for _ in 0..<random.below(plan.initialMax + 1) {
            let age = random.duration(upTo: plan.ageMax)
            agenda.add(.birth(parent: parent, name: nil, age: age, isNext: false), at: start)
        }
        addBirth(parent, after: start)
    }

    private mutating func addBirth(_ parent: Int, after time: Timestamp) {
        guard let gapMax = plan.birthGapMax else { return }
        let next = time.advanced(by: random.duration(upTo: gapMax))
        agenda.add(.birth(parent: parent, name: nil, age: .zero, isNext: true), at: next)
    }

    private mutating func apply(
        _ change: Agenda.Change, at time: Timestamp, _ faults: inout Faults,
        _ observations: inout [Observation]
    ) {
        switch change {
        case .birth(let parent, let name, let age, let isNext):
            bear(parent, name, age, at: time, &faults, &observations)
            if isNext { addBirth(parent, after: time) }
        case .start(let place):
            self[place]?.started = time
            observations.append(.started(number: place.number, at: time))
        case .progress(let place):
            self[place]?.progress(at: time)
            observations.append(.progressed(number: place.number))
            if !random.perMille(plan.stallRate) { addProgress(place, after: time) }
        case .end(let place, let code, _):
            self[place]?.ended = time
            self[place]?.code = code
            observations.append(.ended(number: place.number, code: code))
            agenda.removeAll(of: place)
            agenda.add(
                .expiry(place), at: time.advanced(by: random.duration(upTo: plan.retentionMax)))
        case .expiry(let place):
            remove(place, at: time, &faults, &observations)
        case .vanish(let place):
            faults.count(.vanished)
            remove(place, at: time, &faults, &observations)
        case .flag(let place):
            flag(place, at: time, &faults, &observations)
        }
    }

    private mutating func bear(
        _ parent: Int, _ name: String?, _ age: Duration, at time: Timestamp,
        _ faults: inout Faults, _ observations: inout [Observation]
    ) {
        forget(parent, before: time.advanced(by: .zero - SimulatedOperation.memory))
        let found = operations[parent].count { $0.gone == nil }
        guard found < plan.liveMax, let name = name ?? newName(in: parent),
            self.place(named: name) == nil
        else { return }
        var truth = TrueOperation(
            number: numberNext, endpoint: endpoint, parent: parents[parent], name: name,
            created: time.advanced(by: .zero - age), team: random.pick(plan.teams))
        let type = random.below(BodyStyle.types.count)
        truth.type = BodyStyle.metadataType(type)
        numberNext += 1
        let place = Agenda.Place(parent: parent, number: truth.number)
        var operation = SimulatedOperation(
            truth, at: place, type: type,
            reportsStart: random.perMille(plan.reportsStartRate),
            reportsUpdate: random.perMille(plan.reportsUpdateRate))
        observations.append(.born(truth))
        plan(the: &operation, at: time, &observations)
        operations[parent].append(operation)
        numbers[parent].append(truth.number)
        if operation.reportsUpdate { addProgress(place, after: time) }
        planFaults(of: operation, at: time, &faults)
    }

    /// Its start and its end.
    private mutating func plan(
        the operation: inout SimulatedOperation, at time: Timestamp,
        _ observations: inout [Observation]
    ) {
        let place = operation.place
        if !random.perMille(plan.neverStartedRate) {
            let start = operation.truth.created.advanced(by: random.duration(upTo: plan.queueMax))
            if start <= time {
                operation.started = start
                observations.append(.started(number: place.number, at: start))
            } else {
                agenda.add(.start(place), at: start)
            }
        }
        guard !random.perMille(plan.immortalRate) else { return }
        let life = random.duration(upTo: plan.lifeMax)
        end(place, code: random.pick([0, 0, 0, 2, 13]), at: time.advanced(by: life))
    }

    private mutating func planFaults(
        of operation: SimulatedOperation, at time: Timestamp, _ faults: inout Faults
    ) {
        if faults.draws(.vanished) {
            let life = random.duration(upTo: plan.lifeMax)
            agenda.add(.vanish(operation.place), at: time.advanced(by: life))
        }
        if plan.showsFlag, faults.draws(.cancelledByOther) {
            let life = random.duration(upTo: plan.lifeMax)
            agenda.add(.flag(operation.place), at: time.advanced(by: life))
        }
    }

    private mutating func addProgress(_ place: Agenda.Place, after time: Timestamp) {
        let gap = random.duration(upTo: plan.progressGapMax)
        agenda.add(.progress(place), at: time.advanced(by: gap))
    }

    /// Nil where all names of the pool are in use.
    private mutating func newName(in parent: Int) -> String? {
        let collection = parents[parent].isEmpty ? "operations" : parents[parent] + "/operations"
        guard let pool = plan.namePool else {
            idNext += 1
            // Names are what a client must take as they are.
            let tail = random.once(in: 12) ? random.pick(["/part", ".ä", "+1"]) : ""
            return "\(collection)/op-\(idNext - 1)\(tail)"
        }
        let first = random.below(pool)
        for step in 0..<pool {
            let name = "\(collection)/op-\((first + step) % pool + 1)"
            if !operations[parent].contains(where: { $0.gone == nil && $0.truth.name == name }) {
                return name
            }
        }
        return nil
    }

    private mutating func remove(
        _ place: Agenda.Place, at time: Timestamp, _ faults: inout Faults,
        _ observations: inout [Observation]
    ) {
        guard let name = self[place]?.truth.name else { return }
        self[place]?.gone = time
        agenda.removeAll(of: place)
        observations.append(.gone(number: place.number))
        guard faults.strikes(.nameReused) else { return }
        // Between two polls, or a few of them later. Within the life of a permit no daemon could
        // know of it: its GET is at most five seconds old, and the permit five more.
        let pause: Duration = .milliseconds(random.pick([5, 3_000, 120_000]))
        agenda.add(
            .birth(parent: place.parent, name: name, age: .zero, isNext: false),
            at: time.advanced(by: .seconds(11) + random.duration(upTo: pause)))
    }

    private mutating func flag(
        _ place: Agenda.Place, at time: Timestamp, _ faults: inout Faults,
        _ observations: inout [Observation]
    ) {
        guard let operation = self[place], operation.flagged == nil else { return }
        faults.count(.cancelledByOther)
        self[place]?.flagged = time
        observations.append(.cancelledByOther(number: place.number))
        guard !random.once(in: 4) else { return }
        let delay = random.seconds(1...900)
        end(place, code: 1, at: time.advanced(by: delay), isCancel: true)
    }

    /// Lets those go that no image shows any more.
    private mutating func forget(_ parent: Int, before time: Timestamp) {
        operations[parent].removeAll { operation in operation.gone.map { $0 < time } ?? false }
        numbers[parent] = operations[parent].map(\.truth.number)
    }
}
