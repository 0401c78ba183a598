import SeededRandom
import Testing
import WireFormat

@testable import OpwatchCore

/// Everything durable of a state, without what may differ between equal ones: slots, serials,
/// order.
struct DurableView: Equatable {
    struct Operation: Equatable {
        var partition: Partition
        var since: Timestamp
        var flags: UInt8
        var warning: Warning?
        var stalled: Stalled?
        var wouldCancel: WouldCancelled?
        var cancel: CancelHistory?
        /// Whether its latest intent counts in the budget.
        var isSpent = false
    }

    var operations: [OperationIdentity: Operation] = [:]
    var spent: [String]
    var breakers: [String: WatchState.OpenBreaker]
    var failedCancels: [String: Int]
    var unsupported: UnsupportedKinds
    var policy: WatchState.AcceptedPolicy?
    var damage: WatchState.Damage?

    init(_ state: WatchState) {
        for ref in state.operations {
            let table = state.tables[ref.table]
            let cancel = state.cancel(ref)
            operations[state.identity(ref)] = Operation(
                partition: state.partition(ref), since: table.since(ref.slot),
                flags: table.flags(ref.slot).rawValue, warning: table.warnings[ref.slot],
                stalled: table.stallings[ref.slot],
                wouldCancel: table.wouldCancels[ref.slot], cancel: cancel,
                isSpent: state.spent.entries.contains {
                    $0.intent != nil && $0.intent == cancel?.intent.id
                })
        }
        spent = state.spent.entries.map { "\($0.service) \($0.at)" }.sorted()
        breakers = state.breakers
        failedCancels = state.failedCancels
        unsupported = state.unsupported
        policy = state.policy
        damage = state.damage
    }
}

extension DurableView {
    /// The first operation that is not the same, for people.
    func difference(from other: DurableView) -> String {
        let names = Set(operations.keys).union(other.operations.keys)
        let differing = names.first { operations[$0] != other.operations[$0] }
        return differing.map { name in
            "\(String(describing: operations[name]))\nexpected "
                + String(describing: other.operations[name])
        } ?? "not in an operation"
    }
}

/// Random records over few operations and intents, so that many of them can follow.
struct RecordSource {
    var random: SplitMix
    private var lastIntent: UInt64 = 0
    private var accepted: [OperationIdentity: Int] = [:]

    init(seed: UInt64) {
        random = SplitMix(seed: seed)
    }

    private static let endpoints = [Endpoint.ml, Endpoint("https://other.example/v2")]

    mutating func next(after state: WatchState) -> JournalRecord {
        let operation = OperationIdentity.named(
            "\(Int.random(in: 0..<6, using: &random))", random.pick(Self.endpoints))
        let at = time(Int64.random(in: 0...9_000, using: &random), 5)
        let history = state.find(operation).flatMap { state.cancel($0) }
        let id = history?.intent.id ?? IntentID(lastIntent)
        switch Int.random(in: 0..<20, using: &random) {
        case 0...3: return seen(operation, at)
        case 4: return warned(operation, at)
        case 5:
            return .wouldCancel(
                JournalRecord.WouldCancel(
                    operation: operation, rule: random.pick(["slow", "late"]), clock: .running,
                    age: .seconds(90), timeout: .milliseconds(60_001)))
        case 6: return .deferred(operation, reason: "cap")
        case 7:
            return random.pick([
                .unlisted(operation), .relisted(operation), .started(operation),
                .moved(
                    operation,
                    to: Partition(
                        service: "y", endpoint: operation.endpoint, parent: "projects/acme")),
                stalling(operation, at),
            ])
        case 8: return ending(operation)
        case 9...12:
            return intent(
                operation, attempt: (history?.accepted ?? 0) + 1,
                history?.told ?? EarlierIntents(), at)
        case 13: return .withdrawn(id, reason: "x")
        case 14, 15, 16:
            let (http, status) = random.pick([
                (200, "OK"), (200, "OK"), (404, "NOT_FOUND"), (403, "PERMISSION_DENIED"),
                (400, "FAILED_PRECONDITION"), (501, "UNIMPLEMENTED"), (503, "UNAVAILABLE"),
                (400, "INVALID_ARGUMENT"), (404, AskedStatus.wordless),
                (403, AskedStatus.wordless),
            ])
            return .asked(id, http: http, status: status, words: random.pick(["", "no"]))
        case 17:
            return .verdict(
                operation, Int.random(in: 0..<8, using: &random) == 0 ? nil : id,
                random.pick(Verdict.allCases + [.refused, .defied, .defied]),
                late: Int.random(in: 0..<4, using: &random) == 0, at: at)
        default: return global(at)
        }
    }

    private mutating func seen(_ operation: OperationIdentity, _ at: Timestamp) -> JournalRecord {
        let partition = Partition(
            service: random.pick(["ml", "x"]), endpoint: operation.endpoint,
            parent: random.pick(["projects/acme", ""]))
        return .seen(
            JournalRecord.Seen(
                partition: partition, name: operation.name, since: at,
                isCreation: Bool.random(using: &random),
                isStarted: Bool.random(using: &random)))
    }

    private mutating func stalling(
        _ operation: OperationIdentity, _ at: Timestamp
    ) -> JournalRecord {
        .stalling(
            JournalRecord.Stalling(
                operation: operation, fieldHash: UInt64.random(in: 0...9, using: &random),
                since: at, stalledFor: .seconds(40)))
    }

    private mutating func warned(_ operation: OperationIdentity, _ at: Timestamp) -> JournalRecord {
        .warned(
            JournalRecord.Warned(
                operation: operation, rule: "slow", clock: random.pick(Clock.allCases),
                deadline: time(Int64.random(in: 0...100, using: &random)), age: .seconds(60),
                timeout: .seconds(60), at: at, mode: random.pick(Mode.allCases),
                ruleHash: random.pick([nil, RuleHash("0123456789abcdef")]),
                isNotice: Bool.random(using: &random)))
    }

    private mutating func ending(_ operation: OperationIdentity) -> JournalRecord {
        switch Int.random(in: 0..<3, using: &random) {
        case 0: .finished(operation, code: 0)
        case 1: .vanished(operation)
        default: .dropped(operation)
        }
    }

    private mutating func intent(
        _ operation: OperationIdentity, attempt: Int, _ earlier: EarlierIntents, _ at: Timestamp
    ) -> JournalRecord {
        lastIntent += 1
        var intent = JournalRecord.Intent.number(lastIntent, attempt: attempt)
        // Earlier versions did not tell.
        if Int.random(in: 0..<4, using: &random) > 0 { intent.earlier = earlier }
        intent.operation = operation
        intent.serverTime = at
        intent.service = random.pick(["ml", "x"])
        return .intent(intent)
    }

    private mutating func global(_ at: Timestamp) -> JournalRecord {
        let service = random.pick(["ml", "x"])
        switch Int.random(in: 0..<8, using: &random) {
        case 0: return .open(pid: 1, host: "h", version: "1", boot: "b", clean: true)
        case 1: return .close
        case 2: return .policy(hash: PolicyHash("\(at)"), mode: .enforce, semantics: 1)
        case 3:
            return .breaker(
                service: service,
                opened: BreakerCause(
                    random.pick(BreakerCause.Kind.allCases), words: random.pick(["why", "x"])),
                at: at)
        case 4: return .breaker(service: service, opened: nil, at: at)
        case 5:
            return .unsupported(
                random.pick(Self.endpoints), collection: random.pick(["a", "b"]),
                type: random.pick([nil, "", "t"]), at: at)
        case 6: return .spent(service: service, at: at)
        default: return .damage(file: "journal-\(at)", offset: 7)
        }
    }
}

@Suite("A checkpoint")
struct CheckpointTests {
    private func fold(_ records: some Sequence<JournalRecord>) throws -> WatchState {
        var state = WatchState()
        for record in records { try state.apply(record) }
        return state
    }

    @Test("folds to an equal state, and the same records lead on from there", arguments: 0..<200)
    func foldsBack(seed: UInt64) throws {
        var source = RecordSource(seed: seed)
        var live = WatchState()
        var rolled = WatchState()
        var applied = 0
        for step in 0..<400 {
            let record = source.next(after: live)
            let before = DurableView(live)
            do throws(WatchState.IllegalTransition) {
                try live.apply(record)
                applied += 1
                try rolled.apply(record)
            } catch {
                #expect(DurableView(live) == before, "seed \(seed) step \(step): \(record)")
            }
            guard step % 37 == 36 else { continue }
            rolled = try fold(live.checkpoint())
            let (view, expected) = (DurableView(rolled), DurableView(live))
            #expect(
                view == expected,
                "seed \(seed) step \(step): \(view.difference(from: expected))")
            #expect(
                Array(rolled.checkpoint()) == Array(live.checkpoint()), "seed \(seed) step \(step)")
        }
        #expect(DurableView(rolled) == DurableView(live), "seed \(seed)")
        #expect(applied > 100, "seed \(seed): too few records could follow")
    }

    @Test("of nothing is nothing")
    func empty() {
        #expect(Array(WatchState().checkpoint()).isEmpty)
    }

    @Test("has one line an operation where nothing else is known of it")
    func short() throws {
        let state = try fold([
            .seen(.of("a")), .seen(.of("b")), .unlisted(.named("b")), .relisted(.named("b")),
            .deferred(.named("b"), reason: "cap"), .intent(.number(1, "b")),
            .asked(IntentID(1), http: 200, status: "OK"),
            .verdict(.named("b"), IntentID(1), .cancelled, late: false, at: time(200)),
        ])
        #expect(
            Array(state.checkpoint()) == [.seen(.of("a")), .spent(service: "ml", at: time(100))])
    }

    @Test("keeps the count of accepted attempts")
    func attempts() throws {
        let records: [JournalRecord] = [
            .seen(.of("a")), .intent(.number(1)), .asked(IntentID(1), http: 200, status: "OK"),
            .intent(.number(2, attempt: 2)), .asked(IntentID(2), http: 503, status: "UNAVAILABLE"),
        ]
        let state = try fold(try fold(records).checkpoint())
        let ref = try #require(state.find(.named("a")))
        #expect(state.cancel(ref)?.accepted == 1)
        #expect(state.cancel(ref)?.state == .answered(.unanswered))
        #expect(state.spent.entries.count == 2)
    }
}
