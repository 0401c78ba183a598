import Testing
import WireFormat

@testable import OpwatchCore

@Suite("The gate")
struct GateTests {
    /// Everything that the gate looks at, as it must be for a cancel.
    struct Case: Sendable {
        var facts: GateFacts
        var due: Due
        var look: FreshFetch
        var intent = JournalRecord.Intent.number(7)

        init() {
            facts = GateFacts()
            facts.mode = .enforce
            facts.isPolicyRefused = false
            facts.isJournalHealthy = true
            facts.isJournalDamaged = false
            facts.isListed = true
            facts.isAddressable = true
            facts.isWithinParent = true
            facts.isWarnOnly = false
            facts.confirmations = 2
            facts.confirmationsNeeded = 2
            facts.clock = .agrees
            facts.spentInHour = 19
            facts.spentInHourMax = 20
            facts.startedInPoll = 4
            facts.startedInPollMax = 5
            facts.hasOpenAttempt = false
            facts.openBreaker = nil
            facts.isCanaryOut = false
            facts.unsupportedUntil = nil
            facts.servicePause = nil
            facts.operationPause = nil
            facts.objection = nil
            due = Due(
                rule: 0, clock: .total, timeout: .seconds(60), deadline: time(60), age: .seconds(90)
            )
            let again = Due(
                rule: 0, clock: .total, timeout: .seconds(60), deadline: time(60), age: .seconds(99)
            )
            look = FreshFetch(
                sighting: Sighting(
                    snapshot: OperationSnapshot(
                        name: "projects/acme/operations/a", created: .at(time(0))),
                    ruling: .matched(by: 0)),
                decision: .cancel(again), age: .seconds(5), knownCreation: time(0))
        }
    }

    /// One thing that is not as it must be.
    struct Flaw: Sendable, CustomTestStringConvertible {
        let refusal: GateRefusal
        let make: @Sendable (inout Case) -> Void
        var testDescription: String { "\(refusal)" }

        init(_ refusal: GateRefusal, _ make: @escaping @Sendable (inout Case) -> Void) {
            self.refusal = refusal
            self.make = make
        }
    }

    static let standing: [Flaw] = [
        Flaw(.policyRefused) { $0.facts.isPolicyRefused = true },
        Flaw(.journalDown) { $0.facts.isJournalHealthy = false },
        Flaw(.journalDamaged) { $0.facts.isJournalDamaged = true },
        Flaw(.notListed) { $0.facts.isListed = false },
        Flaw(.notAddressable) { $0.facts.isAddressable = false },
        Flaw(.clocksDisagree(.missing)) { $0.facts.clock = .missing },
        Flaw(.warnOnlyPoll) { $0.facts.isWarnOnly = true },
        Flaw(.attemptOpen) { $0.facts.hasOpenAttempt = true },
        Flaw(.unsupported(until: time(9))) { $0.facts.unsupportedUntil = time(9) },
        Flaw(.outsideParent) { $0.facts.isWithinParent = false },
        Flaw(.operationPaused("why")) { $0.facts.operationPause = "why" },
        Flaw(.listedOtherwise("why")) { $0.facts.objection = "why" },
        Flaw(.servicePaused("why")) { $0.facts.servicePause = "why" },
        Flaw(.breakerOpen("why")) { $0.facts.openBreaker = "why" },
        Flaw(.notConfirmed(polls: 1, needed: 2)) { $0.facts.confirmations = 1 },
        Flaw(.pollCapReached(5, limit: 5)) { $0.facts.startedInPoll = 5 },
        Flaw(.canaryOut) { $0.facts.isCanaryOut = true },
        Flaw(.hourlyBudgetSpent(20, limit: 20)) { $0.facts.spentInHour = 20 },
    ]

    static let fresh: [Flaw] = [
        Flaw(.freshFetchTooOld(.milliseconds(5_001))) { $0.look.age = .milliseconds(5_001) },
        Flaw(.freshFetchTooOld(.seconds(-1))) { $0.look.age = .seconds(-1) },
        Flaw(.freshNameDiffers) { $0.look.sighting = Self.sighting("projects/acme/operations/b") },
        Flaw(.freshFilteredOut) {
            $0.look.sighting = Self.sighting("projects/acme/operations/a", passesFilter: false)
        },
        Flaw(.freshCreationDiffers) { $0.look.knownCreation = time(1) },
        Flaw(.freshCreationDiffers) {
            $0.look.sighting = Self.sighting("projects/acme/operations/a", created: .absent)
        },
        Flaw(.decidedOtherwise(.finished(code: 0))) { $0.look.decision = .finished(code: 0) },
        Flaw(.decidedOtherwise(.ignore(rule: 1))) { $0.look.decision = .ignore(rule: 1) },
        Flaw(.decidedOtherwise(.keep(.cancelRequestedByOther))) {
            $0.look.decision = .keep(.cancelRequestedByOther)
        },
        Flaw(.decidedOtherwise(.keep(.unusable("x")))) { $0.look.decision = .keep(.unusable("x")) },
        Flaw(.ruleOrClockChanged) { $0.due = Self.due($0.due, rule: 1) },
        Flaw(.ruleOrClockChanged) { $0.due = Self.due($0.due, clock: .running) },
        Flaw(.ruleOrClockChanged) { $0.due = Self.due($0.due, timeout: .seconds(61)) },
        Flaw(.ruleOrClockChanged) { $0.due = Self.due($0.due, deadline: time(61)) },
        Flaw(.observing) { $0.facts.mode = .observe },
    ]

    private static func due(
        _ due: Due, rule: Int? = nil, clock: Clock? = nil, timeout: Duration? = nil,
        deadline: Timestamp? = nil
    ) -> Due {
        Due(
            rule: rule ?? due.rule, clock: clock ?? due.clock, timeout: timeout ?? due.timeout,
            deadline: deadline ?? due.deadline, age: due.age)
    }

    private static func sighting(
        _ name: String, created: TimeReading = .at(time(0)), passesFilter: Bool = true
    ) -> Sighting {
        Sighting(
            snapshot: OperationSnapshot(name: name, created: created), ruling: .matched(by: 0),
            passesFilter: passesFilter)
    }

    /// The refusal, nil for a permit.
    private func pass(_ gate: Case) -> GateRefusal? {
        let now = ContinuousClock().now
        do throws(GateRefusal) {
            let permit = try Gate.permit(
                RecordedIntent(durable: gate.intent), gate.facts, gate.due, gate.look, now: now)
            #expect(permit.intent == gate.intent.id)
            #expect(permit.operation == gate.intent.operation)
            let left = now.duration(to: permit.expires)
            #expect(left == Limits.permitLifetime - gate.look.age)
            return nil
        } catch {
            return error
        }
    }

    @Test("permits when every condition holds, for what is left of five seconds since the GET")
    func permits() {
        #expect(pass(Case()) == nil)
        var young = Case()
        young.look.age = .zero
        #expect(pass(young) == nil)
    }

    @Test("refuses for each condition alone", arguments: standing + fresh)
    func refuses(flaw: Flaw) {
        var gate = Case()
        flaw.make(&gate)
        #expect(pass(gate) == flaw.refusal)
        #expect(!flaw.refusal.description.isEmpty)
    }

    @Test("what needs no GET is refused without one", arguments: standing)
    func withoutGet(flaw: Flaw) {
        var gate = Case()
        #expect(Gate.standing(gate.facts) == nil)
        flaw.make(&gate)
        #expect(Gate.standing(gate.facts) == flaw.refusal)
    }

    @Test(
        "observe is the last refusal: with any other flaw that one is told",
        arguments: standing + fresh)
    func observing(flaw: Flaw) {
        var gate = Case()
        gate.facts.mode = .observe
        flaw.make(&gate)
        #expect(pass(gate) == flaw.refusal)
    }

    @Test("no second flaw opens what a first one shut", arguments: standing + fresh)
    func pairs(flaw: Flaw) {
        for other in Self.standing + Self.fresh {
            var gate = Case()
            flaw.make(&gate)
            other.make(&gate)
            // Two changes of the same fact may meet in the middle; none of these do.
            #expect(pass(gate) != nil, "with \(other.refusal)")
        }
    }

    @Test("all that shuts it is told, in its order, and the first of it decides")
    func all() {
        var gate = Case()
        #expect(Gate.refusals(gate.facts) == [])
        #expect(refusals(gate) == [])
        // From the last to the first, so that each becomes the one that decides.
        var told: [GateRefusal] = []
        let order = Self.standing.sorted { rank($0.refusal) < rank($1.refusal) }
        gate.facts.mode = .observe
        told.append(.observing)
        gate.look.decision = .ignore(rule: 1)
        told.insert(.decidedOtherwise(.ignore(rule: 1)), at: 0)
        gate.look.sighting = Self.sighting("x", created: .absent, passesFilter: false)
        gate.look.age = .seconds(6)
        told =
            [
                .freshFetchTooOld(.seconds(6)), .freshNameDiffers, .freshFilteredOut,
                .freshCreationDiffers,
            ] + told
        for flaw in order.reversed() {
            flaw.make(&gate)
            told.insert(flaw.refusal, at: 0)
            #expect(refusals(gate) == told)
            #expect(Gate.refusals(gate.facts) == told.filter { !isFresh($0) })
            #expect(Gate.standing(gate.facts) == flaw.refusal)
            #expect(pass(gate) == flaw.refusal)
        }
    }

    private func refusals(_ gate: Case) -> [GateRefusal] {
        Gate.refusals(
            gate.facts, gate.due, gate.look, of: gate.intent.operation.name)
    }

    /// The place of a standing refusal in the gate.
    private func rank(_ refusal: GateRefusal) -> Int {
        let kinds = [
            "policyRefused", "journalDown", "journalDamaged", "notListed", "notAddressable",
            "outsideParent", "clocksDisagree", "warnOnlyPoll", "attemptOpen", "unsupported",
            "operationPaused", "listedOtherwise", "servicePaused", "breakerOpen", "notConfirmed",
            "pollCapReached", "canaryOut", "hourlyBudgetSpent",
        ]
        return kinds.firstIndex(of: refusal.kind) ?? -1
    }

    private func isFresh(_ refusal: GateRefusal) -> Bool {
        rank(refusal) < 0 && refusal != .observing
    }

    @Test("facts that nobody stated refuse")
    func unstated() {
        let gate = Case()
        let stated: [@Sendable (inout GateFacts) -> Void] = [
            { $0.isPolicyRefused = GateFacts().isPolicyRefused },
            { $0.isJournalHealthy = GateFacts().isJournalHealthy },
            { $0.isJournalDamaged = GateFacts().isJournalDamaged },
            { $0.isListed = GateFacts().isListed },
            { $0.isAddressable = GateFacts().isAddressable },
            { $0.isWarnOnly = GateFacts().isWarnOnly },
            { $0.confirmations = GateFacts().confirmations },
            { $0.clock = GateFacts().clock },
            { $0.spentInHourMax = GateFacts().spentInHourMax },
            { $0.startedInPollMax = GateFacts().startedInPollMax },
            { $0.hasOpenAttempt = GateFacts().hasOpenAttempt }, { $0.mode = GateFacts().mode },
        ]
        for forget in stated {
            var forgotten = gate
            forget(&forgotten.facts)
            #expect(pass(forgotten) != nil)
        }
    }

    @Test("a stalled deadline may have moved on since the poll")
    func stalledMoves() {
        var gate = Case()
        let again = Due(
            rule: 0, clock: .stalled, timeout: .seconds(60), deadline: time(75), age: .seconds(61))
        gate.due = Self.due(gate.due, clock: .stalled)
        gate.look.decision = .cancel(again)
        #expect(pass(gate) == nil)
    }

    @Test("without a creation time in the journal none is compared")
    func noCreation() {
        var gate = Case()
        gate.look.knownCreation = nil
        #expect(pass(gate) == nil)
    }

    @Test("names are compared by bytes, not by how they read")
    func canonicalNames() {
        var gate = Case()
        gate.intent.operation = .named("\u{E9}")
        gate.look.sighting = Self.sighting("projects/acme/operations/e\u{301}")
        #expect(pass(gate) == .freshNameDiffers)
    }
}
