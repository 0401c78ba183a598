import OpwatchCore
import WireFormat

/// What durable records say of an operation between its `seen` and its end.
struct TrackedLife: Sendable {
    /// A warning that makes a cancel possible.
    struct Notice: Sendable {
        let rule: SimulatedRule
        let warned: JournalRecord.Warned
    }

    /// Place of the operation; nil where none was ever born.
    let life: Int?
    var partition: Partition
    let since: Timestamp
    let isCreation: Bool
    var isStarted: Bool
    var isUnlisted = false
    var isDeferred = false
    /// By rule and clock.
    var wouldCancel: [JournalRecord.WouldCancel] = []
    var notices: [Notice] = []
    /// Its first verdict, `refused` or `defied`.
    var settled: Verdict?
    /// All its durable intents.
    var intents: [IntentID] = []
    /// The intents that no verdict and no withdrawal has ended.
    var openIntents: [IntentID] = []
}
