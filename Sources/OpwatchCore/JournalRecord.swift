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
    /// It was seen started; from then on a missing start time is a contradiction.
    case started(OperationIdentity)
    /// Half of the shortest `stalled` timeout has passed without a change.
    case stalling(Stalling)
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
    /// The same place is now another partition's, because its service was renamed.
    case moved(OperationIdentity, to: Partition)
    case intent(Intent)
    /// The intent was not sent.
    case withdrawn(IntentID, reason: String)
    /// What came back for the POST of the intent, with the service's own words; `http` is 0 where
    /// nothing did.
    case asked(IntentID, http: Int, status: String, words: String = "")
    /// The proven end of a cancel; `late` is the real end after `refused` or `defied`. The reason
    /// is what the service said, where it said why.
    case verdict(
        OperationIdentity, IntentID?, Verdict, late: Bool, at: Timestamp, reason: String = "")
    /// Cancels of the service that were refused or defied in a row, for a checkpoint.
    case failedCancels(service: String, count: Int)
    /// A service's breaker opened (with the cause) or closed (nil).
    case breaker(service: String, opened: BreakerCause?, at: Timestamp)
    /// Cancel is not implemented for operations of the collection whose metadata is of this type;
    /// remembered for seven days from `at`. Without a type: for all of the collection.
    case unsupported(Endpoint, collection: String, type: String?, at: Timestamp)
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
        case .close, .seen, .started, .stalling, .deferred, .unlisted, .relisted, .finished,
            .vanished, .dropped, .moved, .failedCancels, .breaker, .unsupported, .spent, .unknown:
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
        /// Whether its start time was told with it.
        package var isStarted: Bool

        package init(
            partition: Partition, name: String, since: Timestamp, isCreation: Bool,
            isStarted: Bool = false
        ) {
            self.partition = partition
            self.name = name
            self.since = since
            self.isCreation = isCreation
            self.isStarted = isStarted
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
        package var mode: Mode
        /// Of the rule's action and match; nil in lines of earlier versions.
        package var ruleHash: RuleHash?
        /// Whether it was written in `enforce`, by a cancel rule, while the service's clock and
        /// ours agreed; no other warning makes a cancel possible.
        package var isNotice: Bool

        package init(
            operation: OperationIdentity, rule: String, clock: Clock, deadline: Timestamp,
            age: Duration, timeout: Duration, at: Timestamp, mode: Mode,
            ruleHash: RuleHash? = nil, isNotice: Bool = false
        ) {
            self.operation = operation
            self.rule = rule
            self.clock = clock
            self.deadline = deadline
            self.age = age
            self.timeout = timeout
            self.at = at
            self.mode = mode
            self.ruleHash = ruleHash
            self.isNotice = isNotice
        }
    }

    /// The fields of `stalling`.
    package struct Stalling: Sendable, Equatable {
        package var operation: OperationIdentity
        /// Of what has not changed: update time, progress and the rest of the metadata.
        package var fieldHash: UInt64
        /// Server time since which it has not changed, as far as anybody watched.
        package var since: Timestamp
        /// What the clock showed.
        package var stalledFor: Duration

        package init(
            operation: OperationIdentity, fieldHash: UInt64, since: Timestamp,
            stalledFor: Duration
        ) {
            self.operation = operation
            self.fieldHash = fieldHash
            self.since = since
            self.stalledFor = stalledFor
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
        /// What became of the earlier intents of the operation.
        package var earlier: EarlierIntents

        package init(
            id: IntentID, operation: OperationIdentity, service: String, serverTime: Timestamp,
            created: Timestamp, clock: Clock, age: Duration, timeout: Duration,
            deadline: Timestamp, rule: String, policy: PolicyHash, attempt: Int,
            earlier: EarlierIntents = EarlierIntents()
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
            self.earlier = earlier
        }
    }
}
