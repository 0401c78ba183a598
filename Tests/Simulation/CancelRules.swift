import OpwatchCore
import WireFormat

/// What must hold when the gate lets a POST `:cancel` go, and when it leaves: first what needs no
/// more than its intent.
enum CancelRules {
    /// The rules that a permit breaks, in the order of this list.
    static func findings(
        _ id: IntentID, to identity: OperationIdentity, in world: JudgedWorld
    ) -> [Finding] {
        let standing = [notEnforced, refusedPolicy, damaged, unwritten].compactMap {
            $0(identity, world)
        }
        let byIntent = ofIntent(id, to: identity, in: world).map { standing + [$0] } ?? standing
        guard let posting = Posting(id, to: identity, in: world) else { return byIntent }
        let rules: [PostingRule] =
            TruthRules.all + NoticeRules.all + PollRules.all + GetRules.all + RailRules.all
            + AttemptRules.all
        return byIntent + rules.compactMap { $0(posting) }
    }

    /// "`observe` sends no cancel; `enforce` does"; gate: "mode `enforce`".
    private static func notEnforced(_ identity: OperationIdentity, _ world: JudgedWorld) -> Finding?
    {
        guard world.gate?.policy.mode != .enforce else { return nil }
        return Finding(.noMode, "\(identity.name) was posted, but the mode is not enforce")
    }

    /// "While the file on disk is refused the gate is shut." One that is refused at the very moment
    /// may come behind the permit's last check.
    private static func refusedPolicy(_ identity: OperationIdentity, _ world: JudgedWorld)
        -> Finding?
    {
        // "Tolerated race: a policy change after the permit's last check."
        guard let refusedAt = world.policyRefusedAt, refusedAt < world.now else { return nil }
        return Finding(.refusedPolicy, "\(identity.name) was posted while the policy is refused")
    }

    /// "Damage shuts the gate until `journal accept-damage`."
    private static func damaged(_ identity: OperationIdentity, _ world: JudgedWorld) -> Finding? {
        guard world.isDamaged else { return nil }
        return Finding(.journalDamaged, "\(identity.name) was posted on a damaged journal")
    }

    /// Gate: "the journal can be written"; "as the permit leaves, all that needs no GET is asked
    /// once more".
    private static func unwritten(_ identity: OperationIdentity, _ world: JudgedWorld) -> Finding? {
        guard world.heldSince != nil else { return nil }
        return Finding(
            .journalDown, "\(identity.name) is to be posted while records cannot be written")
    }

    /// "Intent: durable in the journal, or nothing follows"; "the POST is sent once per intent,
    /// never repeated"; I2: "each POST has one earlier durable Intent; no two POSTs for one
    /// Intent".
    private static func ofIntent(
        _ id: IntentID, to identity: OperationIdentity, in world: JudgedWorld
    ) -> Finding? {
        let subject = "\(identity.name) was posted with intent \(id.number)"
        guard let intent = world.intents[id] else {
            return Finding(.noIntent, "\(subject), which is not durable")
        }
        if intent.record.operation != identity {
            return Finding(
                .intentOfOther, "\(subject), which is about \(intent.record.operation.name)")
        }
        if intent.permittedAt != nil {
            return Finding(.intentReused, "\(subject), which had its permit before")
        }
        if !intent.isOpen {
            return Finding(.intentWithdrawn, "\(subject), which was given back or proven")
        }
        if intent.daemon != world.daemon {
            return Finding(.intentOfEarlierLife, "\(subject), which an earlier daemon wrote")
        }
        if intent.life == nil {
            return Finding(.namesakeHit, "\(subject), which is about no operation that ever was")
        }
        return nil
    }

    /// "The POST is sent once per intent"; "a permit expires in seconds": five.
    static func departure(
        _ id: IntentID, to identity: OperationIdentity, in world: JudgedWorld
    ) -> [Finding] {
        let subject = "\(identity.name) was posted with intent \(id.number)"
        guard let intent = world.intents[id], intent.record.operation == identity,
            let permittedAt = intent.permittedAt
        else { return [Finding(.noPermit, "\(subject), which the gate did not let go")] }
        if intent.postedAt != nil {
            return [Finding(.intentReused, "\(subject), whose POST had left before")]
        }
        let age = world.now.duration(since: permittedAt)
        guard age > Limits.permitLifetime else { return [] }
        return [Finding(.permitOver, "\(subject) \(age) after its permit")]
    }

    /// "A name that was used again must never be hit": the POST reached another operation than the
    /// one that its intent is about.
    static func arrival(
        at number: Int?, _ identity: OperationIdentity, in world: JudgedWorld
    ) -> [Finding] {
        guard let last = world.name(identity)?.lastPosted else {
            return [Finding(.noIntent, "\(identity.name): a POST arrived that never left")]
        }
        guard let number, let life = world.intents[last]?.life,
            world.lives[life].operation.number != number
        else { return [] }
        return [
            Finding(
                .namesakeHit,
                "\(identity.name): the POST for \(world.lives[life].operation.number) hit \(number)"
            )
        ]
    }
}
