import OpwatchCore
import SeededRandom
import WireFormat

@testable import Simulation

/// A client that lists, gets and cancels, and keeps what it was told.
struct ServiceScript {
    var service: SimulatedService
    var now: Timestamp
    let parents: [String]
    var random: SplitMix
    /// Everything that was told and observed, for comparisons.
    var transcript = ""
    var truth = TruthModel()
    var cancels: [Reply<CancelOutcome>] = []
    var gets: [Reply<GetOutcome>] = []
    var pages: [Reply<ListOutcome>] = []

    static let start = Timestamp(seconds: 1_800_000_000, nanoseconds: 5_000_000) ?? .earliest

    init(seed: UInt64, plan: FaultPlan, lives: LifePlan? = nil, parentCount: Int = 2) {
        var random = SplitMix(seed: seed)
        let life = LifePlan.random(&random)
        parents = (1...parentCount).map { "projects/acme-\($0)" }
        service = SimulatedService(
            endpoint: "https://ml.test/v1", parents: parents, plan: plan,
            random: SplitMix(seed: random.next()), start: Self.start, lives: lives ?? life)
        now = Self.start
        self.random = random
    }

    mutating func wait(_ duration: Duration) {
        now = now.advanced(by: duration)
        for observation in service.advance(to: now) {
            truth.apply(observation)
            transcript += "\(observation)\n"
        }
    }

    /// Walks a parent; nil where a page failed or the walk had no end.
    mutating func walk(_ parent: String, pageSize: Int = 5) -> [Reply<ListOutcome>]? {
        var (replies, token): ([Reply<ListOutcome>], String?) = ([], nil)
        for _ in 0..<40 {
            let reply = service.list(
                parent: parent, filter: nil, pageSize: pageSize, pageToken: token, at: now)
            note(reply) { $0.body }
            pages.append(reply)
            replies.append(reply)
            guard case .success(let page) = reply.result, !page.isBroken else { return nil }
            if page.isLast { return replies }
            token = page.token
        }
        return nil
    }

    @discardableResult
    mutating func get(_ name: String) -> Reply<GetOutcome> {
        let reply = service.get(name: name, at: now)
        note(reply) { $0.body }
        gets.append(reply)
        return reply
    }

    @discardableResult
    mutating func cancel(_ name: String) -> Reply<CancelOutcome> {
        let reply = service.cancel(name: name, at: now)
        note(reply) { $0.body }
        transcript += "\(reply.postAnswer)\n"
        cancels.append(reply)
        return reply
    }

    /// Some hours of polls with a few gets and cancels among them.
    mutating func run(polls: Int = 60) {
        wait(.zero)
        for _ in 0..<polls {
            wait(random.seconds(1...240))
            for parent in parents {
                let rows = walk(parent)?.flatMap { $0.page?.shown ?? [] } ?? []
                guard let row = rows.randomElement(using: &random) else { continue }
                wait(random.milliseconds(1...4_000))
                get(row.name)
                wait(random.milliseconds(1...3_000))
                if random.once(in: 3) { cancel(row.name) }
            }
        }
    }

    private mutating func note<Outcome>(
        _ reply: Reply<Outcome>, _ body: (Outcome) -> [UInt8]
    ) {
        transcript += "\(reply.delay) \(String(describing: reply.date)) \(reply.fate)\n"
        switch reply.result {
        case .success(let outcome):
            transcript += String(decoding: body(outcome), as: UTF8.self)
        case .failure(let failure): transcript += "\(failure)\n"
        }
    }
}

extension Reply where Outcome == ListOutcome {
    var page: ListOutcome? { try? result.get() }
}

extension Reply {
    var failure: CallFailure? {
        if case .failure(let failure) = result { failure } else { nil }
    }
}

extension ListOutcome {
    /// As a client reads it from the body.
    var token: String? {
        var (reader, row) = (ListPageReader(body, fields: FieldSet([])), FieldRow())
        while (try? reader.next(into: &row)) ?? false {}
        return reader.nextPageToken
    }
}

/// What the observations say that the truth is.
struct TruthModel {
    struct Operation {
        let truth: TrueOperation
        var isStarted = false
        var progress = 0
        var code: Int?
        var isGone = false
        var isFlagged = false
    }

    var operations: [Int: Operation] = [:]

    mutating func apply(_ observation: Observation) {
        switch observation {
        case .born(let truth): operations[truth.number] = Operation(truth: truth)
        case .started(let number, _): operations[number]?.isStarted = true
        case .progressed(let number): operations[number]?.progress += 1
        case .ended(let number, let code): operations[number]?.code = code
        case .gone(let number): operations[number]?.isGone = true
        case .cancelledByOther(let number): operations[number]?.isFlagged = true
        default: break
        }
    }

    func found(in parent: String) -> [Operation] {
        operations.values.filter { $0.truth.parent == parent && !$0.isGone }
            .sorted { $0.truth.number < $1.truth.number }
    }
}
