import OpwatchCore
import Testing
import WireFormat

@testable import Simulation

/// A hand-made trace under way: true time goes on by seconds, one service `s` with one parent `p`,
/// a poll a minute. Every step is what a right daemon and an honest service would show, unless the
/// caller says otherwise.
struct Script {
    static let begin = Timestamp(seconds: 1_800_000_000) ?? .earliest
    static let endpoint = "https://e"
    static let partition = Partition(service: "s", endpoint: Endpoint(endpoint), parent: "p")

    private(set) var judge = Judge()
    /// Seconds since the begin.
    private(set) var second = 0
    private(set) var policy = Script.policy
    /// The truth, by number.
    private(set) var images: [Int: Shown] = [:]
    /// The service whose parent `p` is.
    var service = "s"
    private var walk: UInt32 = 0
    private var request: UInt64 = 0

    /// Cancels what ran for ten minutes after two confirmations; nothing stands in its way.
    static let policy = SimulatedPolicy(
        mode: .enforce,
        services: [
            SimulatedServicePolicy(
                name: "s", endpoint: endpoint, parents: ["p"], interval: .seconds(60))
        ],
        rules: [
            SimulatedRule(name: "slow", action: .cancel, team: nil, total: .seconds(600)),
            SimulatedRule(name: "keep", action: .ignore, team: "keep"),
        ],
        confirmations: 2, cancelsPerPoll: 2, cancelsPerHour: 3, maxOverdueSharePercent: 100,
        maxFailedCancels: 2, canary: false, verifyWithin: .seconds(300), verifyAttempts: 2)

    var now: Timestamp { Self.at(second) }

    static func at(_ second: Int) -> Timestamp { begin.advanced(by: .seconds(second)) }

    static func identity(_ name: String) -> OperationIdentity {
        OperationIdentity(endpoint: Endpoint(endpoint), name: name)
    }

    /// The rules that were found broken, in order, each once in a row.
    var broken: [RuleName] {
        judge.violations.compactMap { RuleName(rawValue: $0.rule) }
            .reduce(into: []) { if $0.last != $1 { $0.append($1) } }
    }

    mutating func see(_ observation: Observation) { judge.see(observation, at: now) }

    mutating func wait(_ seconds: Int) { second += seconds }

    mutating func wait(until second: Int) { self.second = max(self.second, second) }

    // MARK: The truth

    mutating func start(_ change: (inout SimulatedPolicy) -> Void = { _ in }) {
        change(&policy)
        see(.daemonStarted)
        see(.policyInForce(policy))
    }

    mutating func reload(_ change: (inout SimulatedPolicy) -> Void) {
        change(&policy)
        see(.policyInForce(policy))
    }

    mutating func bear(_ number: Int, _ name: String? = nil, team: String? = nil) {
        let name = name ?? "p/operations/\(number)"
        see(
            .born(
                TrueOperation(
                    number: number, endpoint: Self.endpoint, parent: "p", name: name,
                    created: now, team: team)))
        images[number] = Shown(
            number: number, name: name, created: now, started: nil, updated: nil, team: team,
            isDone: false, code: 0, isCancelRequested: false)
    }

    mutating func run(_ number: Int) {
        see(.started(number: number, at: now))
        let started = now
        images[number]?.started = started
        images[number]?.updated = started
    }

    mutating func end(_ number: Int, code: Int) {
        see(.ended(number: number, code: code))
        images[number]?.isDone = true
        images[number]?.code = code
    }

    mutating func flag(_ number: Int) {
        see(.cancelledByOther(number: number))
        images[number]?.isCancelRequested = true
    }

    /// It is shown so from now on, whatever is true.
    mutating func show(_ number: Int, _ change: (inout Shown) -> Void) {
        if var image = images[number] {
            change(&image)
            images[number] = image
        }
    }

    mutating func vanish(_ number: Int) {
        see(.gone(number: number))
        images[number] = nil
    }

    func name(_ number: Int) -> String { images[number]?.name ?? "p/operations/\(number)" }

    // MARK: What the daemon is shown

    /// One whole poll in one page, now; all images in the order of their numbers.
    mutating func poll(
        dateOff: Int? = 0, unreachable: [String] = [], without: [Int] = []
    ) {
        page(dateOff: dateOff, unreachable: unreachable, without: without)
    }

    mutating func page(
        isFirst: Bool = true, isLast: Bool = true, dateOff: Int? = 0, unreachable: [String] = [],
        without: [Int] = [], ofWalkBefore: Bool = false
    ) {
        if isFirst, !ofWalkBefore { walk += 1 }
        let shown = images.keys.sorted().filter { !without.contains($0) }.compactMap { images[$0] }
        see(
            .page(
                ShownPage(
                    service: service, parent: "p", walk: ofWalkBefore ? walk - 1 : walk,
                    isFirst: isFirst, isLast: isLast,
                    unreachable: unreachable, shown: shown,
                    date: dateOff.map { Self.at(second + $0) })))
    }

    mutating func failPage() { see(.pageFailed(service: service, parent: "p", walk: walk)) }

    /// Polls once a minute, on the minute, up to this second.
    mutating func poll(until last: Int) {
        while (second / 60 + 1) * 60 <= last {
            wait(until: (second / 60 + 1) * 60)
            poll()
        }
    }

    /// `shown` nil: as it is true. Takes as many seconds as said.
    mutating func get(_ number: Int, took: Int = 0, as shown: Shown? = nil) {
        request += 1
        see(.getSent(endpoint: Self.endpoint, name: name(number), request: request))
        wait(took)
        see(.getAnswered(request: request, shown ?? images[number]))
    }

    mutating func getDated(_ number: Int, off: Int?) {
        request += 1
        see(.getSent(endpoint: Self.endpoint, name: name(number), request: request))
        see(.getDated(request: request, off.map { Self.at(second + $0) }))
        see(.getAnswered(request: request, images[number]))
    }

    mutating func getNothing(_ name: String) {
        request += 1
        see(.getSent(endpoint: Self.endpoint, name: name, request: request))
        see(.getAnswered(request: request, nil))
    }

    // MARK: What the daemon does

    mutating func write(_ records: JournalRecord...) { see(.durable(records)) }

    mutating func seen(_ numbers: Int...) {
        for number in numbers {
            guard let image = images[number] else { continue }
            write(
                .seen(
                    .init(
                        partition: Self.partition, name: image.name,
                        since: image.created ?? now.advanced(by: .seconds(1)),
                        isCreation: image.created != nil)))
        }
    }

    mutating func warn(_ number: Int, deadline: Int, isNotice: Bool = true) {
        write(
            .warned(
                .init(
                    operation: Self.identity(name(number)), rule: "slow", clock: .total,
                    deadline: Self.at(deadline), age: .seconds(1), timeout: .seconds(600),
                    at: now, mode: .enforce, isNotice: isNotice)))
    }

    /// The intent of a right daemon; `change` makes another of it.
    func intent(
        _ id: UInt64, _ number: Int, attempt: Int = 1,
        change: (inout JournalRecord.Intent) -> Void = { _ in }
    ) -> JournalRecord {
        let created = images[number]?.created ?? Self.begin
        var intent = JournalRecord.Intent(
            id: IntentID(id), operation: Self.identity(name(number)), service: service,
            serverTime: now, created: created, clock: .total,
            age: now.duration(since: created), timeout: .seconds(600),
            deadline: created.advanced(by: .seconds(600)), rule: "slow",
            policy: PolicyHash("0123456789abcdef"), attempt: attempt)
        change(&intent)
        return .intent(intent)
    }

    /// The gate lets it go.
    mutating func permit(_ id: UInt64, _ number: Int) {
        see(.permitted(endpoint: Self.endpoint, name: name(number), intent: IntentID(id)))
    }

    /// The POST leaves.
    mutating func leave(_ id: UInt64, _ number: Int) {
        see(.posted(endpoint: Self.endpoint, name: name(number), intent: IntentID(id)))
    }

    mutating func send(_ id: UInt64, _ number: Int) {
        permit(id, number)
        leave(id, number)
    }

    mutating func post(_ id: UInt64, _ number: Int) {
        send(id, number)
        see(
            .postArrived(
                endpoint: Self.endpoint, name: name(number),
                number: images[number] == nil ? nil : number))
    }

    mutating func answer(_ id: UInt64, _ answer: PostAnswer, http: Int = 200) {
        see(.postAnswered(intent: IntentID(id), answer))
        write(.asked(IntentID(id), http: http, status: "x"))
    }

    /// One whole attempt: intent, GET, POST and its answer.
    mutating func cancel(
        _ id: UInt64, _ number: Int, attempt: Int = 1, _ answer: PostAnswer = .accepted,
        http: Int = 200
    ) {
        write(intent(id, number, attempt: attempt))
        get(number)
        post(id, number)
        self.answer(id, answer, http: http)
    }

    mutating func prove(_ number: Int, _ id: UInt64?, _ verdict: Verdict, late: Bool = false) {
        write(
            .verdict(
                Self.identity(name(number)), id.map { IntentID($0) }, verdict, late: late, at: now))
    }

    /// So many operations, born at the begin, seen, polled up to this second.
    mutating func grow(
        _ count: Int = 1, until second: Int = 720,
        _ change: (inout SimulatedPolicy) -> Void = { _ in }
    ) {
        start(change)
        for number in 1...count { bear(number) }
        poll()
        for number in 1...count { seen(number) }
        poll(until: second)
    }
}

/// One trace and what must be found in it.
struct Trial: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let broken: [RuleName]
    let play: @Sendable (inout Script) -> Void

    init(
        _ story: String, _ broken: RuleName..., play: @escaping @Sendable (inout Script) -> Void
    ) {
        testDescription = story
        self.broken = broken
        self.play = play
    }

    func check() {
        var script = Script()
        play(&script)
        #expect(script.broken == broken, "\(script.judge.violations)")
    }
}
