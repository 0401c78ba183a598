import OpwatchCore
import WireFormat

/// What a policy of a run says, in a form that both the driver, which writes it as YAML, and the
/// judge read.
struct SimulatedPolicy: Sendable, Equatable {
    var mode: Mode
    var services: [SimulatedServicePolicy]
    /// In order; `ignore` wins anywhere, else the first match decides.
    var rules: [SimulatedRule]
    var confirmations: Int
    var cancelsPerPoll: Int
    var cancelsPerHour: Int
    var maxOverdueSharePercent: Int
    var maxFailedCancels: Int
    var canary: Bool
    var verifyWithin: Duration
    var verifyAttempts: Int
}

struct SimulatedServicePolicy: Sendable, Equatable {
    var name: String
    /// Two services of one run may have the same endpoint, with different parents.
    var endpoint: String
    var parents: [String]
    var interval: Duration
}

/// A rule of the family that the simulation uses.
struct SimulatedRule: Sendable, Equatable {
    var name: String
    var action: Action
    /// Matches operations whose `metadata.labels.team` is this; nil matches all.
    var team: String?
    /// Timeouts by clock: `total`, `queued`, `running`, `stalled`.
    var total: Duration?
    var running: Duration?
    var stalled: Duration?
    /// Only where the action is cancel.
    var warnBefore: Duration?
}

/// The truth about one operation: what no answer, no fault and no clock can change. Two operations
/// may have the same name, one after the other (names are used again); `number` tells them apart.
struct TrueOperation: Sendable {
    let number: Int
    let endpoint: String
    let parent: String
    let name: String
    /// True (server) time of its birth.
    let created: Timestamp
    /// `metadata.labels.team`; nil: no such label.
    let team: String?
    /// The `@type` of its metadata; empty: none.
    var type = ""
}

/// One thing that happened in a simulated run; a trace is a list of these in the order of true
/// time.
enum Observation: Sendable {
    // MARK: The truth, as only the simulated service knows it

    case born(TrueOperation)
    /// It began to run (`metadata.startTime`).
    /// - at: true time; before now for one that is born running.
    case started(number: Int, at: Timestamp)
    /// Its `metadata.updateTime` changed (progress was made).
    case progressed(number: Int)
    /// It ended with this status code (0 success, 1 cancelled).
    case ended(number: Int, code: Int)
    /// It is not found any more, by list or by GET.
    case gone(number: Int)
    /// Somebody else asked to cancel it (its flag is visible from now on).
    case cancelledByOther(number: Int)

    // MARK: What the daemon did and what it was told

    /// The daemon started (anew); everything volatile is gone.
    case daemonStarted
    /// Killed: what was not durable is lost.
    case daemonKilled
    /// The daemon put this policy in force (at its start or by a reload).
    case policyInForce(SimulatedPolicy)
    /// A reload read a file that is no valid policy: the old one stays, the gate is shut.
    case policyRefused
    /// A whole list answer was handed to the daemon: one page of a walk.
    /// - shown: the operations of the page, by number, as they were shown.
    case page(ShownPage)
    /// A walk of a parent failed or was given up, or an answer to it was a failure.
    case pageFailed(service: String, parent: String, walk: UInt32)
    /// The daemon sent a GET for a name; answered later or never.
    case getSent(endpoint: String, name: String, request: UInt64)
    /// The answer to that GET was handed to the daemon; nil: not found (404).
    case getAnswered(request: UInt64, Shown?)
    /// The GET failed: no answer that says anything of the operation.
    case getFailed(request: UInt64)
    /// The daemon's gate let a POST `:cancel` go; it leaves once a connection stands, or never.
    case permitted(endpoint: String, name: String, intent: IntentID)
    /// A POST `:cancel` left the daemon, with the permit of this intent.
    case posted(endpoint: String, name: String, intent: IntentID)
    /// The POST reached the service and hit this operation (nil: no such operation).
    case postArrived(endpoint: String, name: String, number: Int?)
    /// The answer to the POST of that intent was handed to the daemon; see `PostAnswer`.
    case postAnswered(intent: IntentID, PostAnswer)
    /// These records are on the disk for certain (synced) from now on.
    case durable([JournalRecord])
    /// Records could not be made durable: until the next ones are, the journal cannot be written.
    case held
    /// What the daemon told the log: the raw name of the message's kind, nil for free text; the
    /// operation that it is about, if any; and the text.
    case told(kind: String?, operation: String?, text: String)
    /// The local clock of the daemon is now off from true time by this much.
    case clockOff(by: Duration)
    /// From now on nothing fails any more: no faults, honest clocks, every request answered.
    case healed
    /// The end of the run.
    case finished
    /// The `Date` header of the answer to that GET, nil where it had none; right before its
    /// `getAnswered`. Where a run never tells it, the judge goes by the `Date`s of the pages.
    case getDated(request: UInt64, Timestamp?)
}

/// How an operation was shown by an answer. A fault may show something else than the truth.
struct Shown: Sendable, Equatable {
    /// The true operation that this is an image of (possibly an old image).
    let number: Int
    let name: String
    /// nil: left out.
    var created: Timestamp?
    var started: Timestamp?
    var updated: Timestamp?
    var team: String?
    var isDone: Bool
    /// 0 success, 1 cancelled; only where done.
    var code: Int
    var isCancelRequested: Bool
}

/// One page as it was handed to the daemon.
struct ShownPage: Sendable {
    let service: String
    let parent: String
    /// The walk of the daemon that asked; numbers are never used twice in one life of the daemon.
    let walk: UInt32
    let isFirst: Bool
    /// No further page follows.
    let isLast: Bool
    /// Places that the page names as not asked: the poll is then not complete.
    let unreachable: [String]
    let shown: [Shown]
    /// The `Date` header; nil where there was none.
    let date: Timestamp?
}

/// What came back for a POST.
enum PostAnswer: Sendable, Equatable {
    case accepted
    /// A service error by its canonical name, e.g. `FAILED_PRECONDITION`.
    case error(String)
    /// An HTTP status without a body, of somebody in between: nothing was done.
    case wordless
    /// It certainly did not leave the machine.
    case notSent
    /// It may have arrived; no answer that counts came back.
    case lost
}
