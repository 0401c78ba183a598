package import WireFormat

/// One fact of the journal; `WatchState` is the fold of these, live and in replay.
///
/// Times are server time unless said otherwise. Kinds and fields are those of the journal format.
package enum JournalRecord: Sendable, Equatable {
    /// A daemon took the journal; `clean` when the one before it wrote `close`.
    case open(pid: Int32, host: String, version: String, boot: String, clean: Bool)
    case close
    /// A policy was accepted.
    case policy(hash: PolicyHash, mode: Mode, semantics: Int)
    /// An operation was listed for the first time by this partition.
    case seen(Seen)
    case warned(Warned)
    /// Observe mode: the gate let everything pass but the mode.
    case wouldCancel(WouldCancel)
    /// A cap held a cancel back; written once an operation until it goes.
    case deferred(OperationIdentity, reason: String)
    /// Absent from complete polls, yet still running by GET.
    case unlisted(OperationIdentity)
    /// Listed again after `unlisted`.
    case relisted(OperationIdentity)
    /// Done without a cancel of ours being open; `code` is 0 for success.
    case finished(OperationIdentity, code: Int64)
    /// Gone without a cancel of ours being open.
    case vanished(OperationIdentity)
    /// No longer watched because the policy dropped its partition.
    case dropped(OperationIdentity)
    case intent(Intent)
    /// The intent was not sent.
    case withdrawn(IntentID, reason: String)
    /// What came back for the POST of the intent; `http` is 0 where nothing did.
    case asked(IntentID, http: Int, status: String)
    /// The proven end of a cancel; `late` is the real end after `refused` or `defied`.
    case verdict(OperationIdentity, IntentID?, Verdict, late: Bool, at: Timestamp)
    /// A service's breaker opened (with the reason) or closed (nil).
    case breaker(service: String, opened: String?, at: Timestamp)
    /// The collection does not implement cancel; remembered for seven days from `at`.
    case unsupported(Endpoint, collection: String, at: Timestamp)
    /// The journal was damaged in `file` at byte `offset`; observe only until accepted.
    case damage(file: String, offset: Int64)
    /// A human, by name, goes on with what was left after the damage.
    case damageAccepted(by: String)
    /// A cancel counted in the hourly budget whose operation is no longer tracked.
    case spent(service: String, at: Timestamp)
    /// A kind of a later version, kept verbatim.
    case unknown(kind: String)

    /// Whether an auditor may ask for it long after: who watched under which policy, what was
    /// warned of, decided, asked and proven.
    package var isAudit: Bool {
        switch self {
        case .open, .policy, .warned, .wouldCancel, .intent, .withdrawn, .asked, .verdict, .damage,
            .damageAccepted:
            true
        case .close, .seen, .deferred, .unlisted, .relisted, .finished, .vanished, .dropped,
            .breaker, .unsupported, .spent, .unknown:
            false
        }
    }

    /// The fields of `seen`.
    package struct Seen: Sendable, Equatable {
        package var partition: Partition
        package var name: String
        /// The creation time, or the time first seen where the API tells none.
        package var since: Timestamp
        /// Whether `since` came from the API.
        package var isCreation: Bool

        package init(partition: Partition, name: String, since: Timestamp, isCreation: Bool) {
            self.partition = partition
            self.name = name
            self.since = since
            self.isCreation = isCreation
        }
    }

    /// The fields of `warned`; age and timeout are what the clock showed and what was allowed.
    package struct Warned: Sendable, Equatable {
        package var operation: OperationIdentity
        package var rule: String
        package var clock: Clock
        package var deadline: Timestamp
        package var age: Duration
        package var timeout: Duration
        package var at: Timestamp
        /// Only a warning written in `enforce` counts as notice.
        package var mode: Mode

        package init(
            operation: OperationIdentity, rule: String, clock: Clock, deadline: Timestamp,
            age: Duration, timeout: Duration, at: Timestamp, mode: Mode
        ) {
            self.operation = operation
            self.rule = rule
            self.clock = clock
            self.deadline = deadline
            self.age = age
            self.timeout = timeout
            self.at = at
            self.mode = mode
        }
    }

    /// The fields of `wouldCancel`.
    package struct WouldCancel: Sendable, Equatable {
        package var operation: OperationIdentity
        package var rule: String
        package var clock: Clock
        package var age: Duration
        package var timeout: Duration

        package init(
            operation: OperationIdentity, rule: String, clock: Clock, age: Duration,
            timeout: Duration
        ) {
            self.operation = operation
            self.rule = rule
            self.clock = clock
            self.age = age
            self.timeout = timeout
        }
    }

    /// The fields of `intent`: what will be cancelled, why, and under which policy.
    package struct Intent: Sendable, Equatable {
        package var id: IntentID
        package var operation: OperationIdentity
        package var service: String
        package var serverTime: Timestamp
        package var created: Timestamp
        package var clock: Clock
        package var age: Duration
        package var timeout: Duration
        package var deadline: Timestamp
        package var rule: String
        package var policy: PolicyHash
        /// Counts accepted attempts from 1; an unanswered intent does not use its number up.
        package var attempt: Int

        package init(
            id: IntentID, operation: OperationIdentity, service: String, serverTime: Timestamp,
            created: Timestamp, clock: Clock, age: Duration, timeout: Duration,
            deadline: Timestamp, rule: String, policy: PolicyHash, attempt: Int
        ) {
            self.id = id
            self.operation = operation
            self.service = service
            self.serverTime = serverTime
            self.created = created
            self.clock = clock
            self.age = age
            self.timeout = timeout
            self.deadline = deadline
            self.rule = rule
            self.policy = policy
            self.attempt = attempt
        }
    }
}
