import OpwatchCore
import Testing
import WireFormat

@testable import OpwatchJournal

@Suite("The fold of the journal")
struct FoldTests {
    private static let operation = OperationIdentity(
        endpoint: JournalRecord.endpoint, name: "projects/acme/operations/1")
    private static let intent: JournalRecord.Intent = {
        var intent = JournalRecord.intentFields(1)
        intent.operation = operation
        return intent
    }()

    /// The life of one operation and a neighbour.
    private static let life: [JournalRecord] = [
        .policy(hash: PolicyHash("0123456789abcdef"), mode: .enforce, semantics: 1),
        .seen(1), .seen(2),
        .warned(
            JournalRecord.Warned(
                operation: operation, rule: "slow-deploys", clock: .total, deadline: .start,
                age: .seconds(2_400), timeout: .seconds(2_700), at: .start + .seconds(-300),
                mode: .enforce)),
        .breaker(service: "ml", opened: BreakerCause(.share, words: "share 80% > 50%"), at: .start),
        .breaker(service: "ml", opened: nil, at: .start),
        .intent(intent), .asked(IntentID(1), http: 200, status: "OK"),
        .unsupported(
            JournalRecord.endpoint, collection: "projects/acme/other", type: "", at: .start),
        .verdict(operation, IntentID(1), .cancelled, late: false, at: .start),
    ]

    @Test("is the live state, with a roll behind any record", arguments: 0...life.count)
    func fold(rollBehind: Int) throws {
        let scratch = try Scratch()
        var journal = try scratch.open()
        var live = WatchState()
        journal.start(checkpoint: live.checkpoint(), at: .start)
        for (index, record) in Self.life.enumerated() {
            if index == rollBehind { journal.repair(checkpoint: live.checkpoint(), at: .start) }
            try journal.append([record], at: .start)
            try live.apply(record)
        }
        if rollBehind == Self.life.count {
            journal.repair(checkpoint: live.checkpoint(), at: .start)
        }
        _ = consume journal
        var replayed = WatchState()
        _ = try scratch.open()
        for record in scratch.records { try replayed.apply(record) }
        #expect(Array(replayed.checkpoint()) == Array(live.checkpoint()))
        #expect(replayed.operationCount == 1)
    }
}
