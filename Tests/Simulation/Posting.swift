import OpwatchCore
import WireFormat

/// nil where the rule is kept.
typealias PostingRule = @Sendable (Posting) -> Finding?

/// A POST that the gate lets go, with all that it is judged by.
struct Posting: Sendable {
    let identity: OperationIdentity
    let intent: IntentLife
    /// The operation that the intent is about.
    let life: TrueLife
    /// What a durable `seen` says of it; nil where none is known.
    let tracked: TrackedLife?
    let policy: SimulatedPolicy
    let policyNumber: Int
    /// Place of the rule that decides by the true label; nil where none does.
    let decidingRule: Int?
    /// The GET that carries it: the last that was answered of those sent since the intent.
    let get: NameView.Answer?
    /// The latest server time at which the gate can have looked.
    let serverTime: Timestamp
    let world: JudgedWorld

    /// nil where the POST has no durable intent about this operation, and one that was ever born.
    init?(_ id: IntentID, to identity: OperationIdentity, in world: JudgedWorld) {
        guard let gate = world.gate, let intent = world.intents[id],
            intent.record.operation == identity, let place = intent.life,
            let name = world.name(intent.record.operation)
        else { return nil }
        self.identity = identity
        self.intent = intent
        policy = gate.policy
        policyNumber = gate.number
        self.world = world
        life = world.lives[place]
        tracked = name.tracked
        decidingRule = gate.policy.decidingRule(forTeam: world.lives[place].operation.team)
        get = name.answers.last
        if case .agreed(let date) = get?.date {
            serverTime = date
        } else {
            serverTime = world.latestServerTime(of: identity.endpoint.description)
        }
    }

    var rule: SimulatedRule? { decidingRule.map { policy.rules[$0] } }
    var clock: Clock { intent.record.clock }
    /// The partition whose polls count.
    var partition: PartitionView? { life.row.partition.map { world.partitions[$0] } }
    /// By how much a span of server time can differ from one of true time.
    var tolerance: Duration {
        world.endpoint(identity.endpoint.description).swing + .seconds(2)
    }

    /// The operation and what was done, for a story.
    var subject: String { "\(identity.name) (\(life.operation.number)) was posted" }
}
