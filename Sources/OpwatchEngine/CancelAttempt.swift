import OpwatchCore

/// The one cancel that a service has in hand, by how far it is.
///
/// Not copyable: one intent leads to one permit, and one permit to one POST. What a state does not
/// hold cannot be used in it: before the fetch there is no permit, and after the permit no intent
/// that could lead to a second one.
enum CancelAttempt: ~Copyable {
    case idle
    /// The intent is on its way to the journal.
    case recording(QueuedCandidate)
    /// The intent is durable; the fresh GET is under way.
    case fetching(RecordedIntent, Subject)
    /// Observe mode: the fresh GET is under way, and nothing follows it.
    case observing(Subject)
    /// The gate let it pass; the permit leaves at the end of the step.
    case permitted(CancelPermit, JournalRecord.Intent, Subject)
    /// The POST is under way.
    case posting(JournalRecord.Intent, QueuedCandidate)

    /// What the GET is asked about.
    struct Subject {
        let queued: QueuedCandidate
        /// Tells its GET from every other one of the engine.
        let attempt: UInt32
        /// What a list that was read since the attempt began says against it.
        var objection: GateRefusal?
    }

    /// Empties the hand.
    mutating func take() -> CancelAttempt {
        var taken = CancelAttempt.idle
        swap(&taken, &self)
        return taken
    }

    var isIdle: Bool {
        switch self {
        case .idle: true
        case .recording: false
        case .fetching: false
        case .observing: false
        case .permitted: false
        case .posting: false
        }
    }

    /// The candidate whose intent is on its way to the journal.
    var recording: QueuedCandidate? {
        switch self {
        case .recording(let queued): queued
        case .idle: nil
        case .fetching: nil
        case .observing: nil
        case .permitted: nil
        case .posting: nil
        }
    }

    /// The intent whose POST is under way.
    var posted: JournalRecord.Intent? {
        switch self {
        case .posting(let intent, _): intent
        case .idle: nil
        case .recording: nil
        case .fetching: nil
        case .observing: nil
        case .permitted: nil
        }
    }

    /// The candidate whose permit waits to leave.
    var permitted: Subject? {
        switch self {
        case .permitted(_, _, let subject): subject
        case .idle: nil
        case .recording: nil
        case .fetching: nil
        case .observing: nil
        case .posting: nil
        }
    }

    /// The candidate beside whose GET a list counts.
    var subject: Subject? {
        switch self {
        case .fetching(_, let subject): subject
        case .observing(let subject): subject
        case .permitted(_, _, let subject): subject
        case .idle: nil
        case .recording: nil
        case .posting: nil
        }
    }

    /// What a list shows of the candidate counts beside its GET; the first objection stays.
    mutating func object(_ refusal: GateRefusal?) {
        switch take() {
        case .idle: self = .idle
        case .recording(let queued): self = .recording(queued)
        case .posting(let intent, let queued): self = .posting(intent, queued)
        case .fetching(let recorded, var subject):
            subject.objection = subject.objection ?? refusal
            self = .fetching(recorded, subject)
        case .observing(var subject):
            subject.objection = subject.objection ?? refusal
            self = .observing(subject)
        case .permitted(let permit, let intent, var subject):
            subject.objection = subject.objection ?? refusal
            self = .permitted(permit, intent, subject)
        }
    }
}
