package import WireFormat

/// One fact of the journal; `WatchState` is the fold of these, live and in replay.
///
/// The room of the kinds: what each says, its name, how it is written and read, and what is true of
/// it. Values with many fields have files of their own, `SeenRecord.swift` and the like. Times are
/// server time unless said otherwise. Kinds and fields are those of the journal format.
package enum JournalRecord: Sendable, Equatable {
    /// The fields of `seen`.
    package typealias Seen = SeenRecord
    /// The fields of `warned`.
    package typealias Warned = WarnedRecord
    /// The fields of `stalling`.
    package typealias Stalling = StallingRecord
    /// The fields of `wouldCancel`.
    package typealias WouldCancel = WouldCancelRecord
    /// The fields of `intent`.
    package typealias Intent = IntentRecord

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

    /// The kinds by their names in a line.
    package enum Kind: String, Sendable {
        case open, close, policy, seen, warned, started, stalling, wouldCancel, deferred, unlisted
        case relisted, finished, vanished, dropped, moved, intent, withdrawn, asked, verdict
        case failedCancels, breaker, unsupported, damage, damageAccepted, spent
    }
}

// MARK: What is true of each

extension JournalRecord {
    /// Of the record's kind.
    package var traits: Traits {
        switch self {
        case .open, .policy, .warned, .wouldCancel, .damage, .damageAccepted: .audit
        case .intent, .withdrawn, .asked: [.audit, .cancel]
        case .verdict: [.audit, .cancel, .end]
        case .finished, .vanished, .dropped: .end
        case .close, .seen, .started, .stalling, .deferred, .unlisted, .relisted, .moved,
            .failedCancels, .breaker, .unsupported, .spent, .unknown:
            []
        }
    }

    /// What the record is about.
    package var subject: Subject {
        switch self {
        case .open, .close, .policy, .damage, .damageAccepted, .unknown: .daemon
        case .failedCancels, .breaker, .unsupported, .spent: .service
        case .seen(let seen): .operation(seen.operation)
        case .warned(let warned): .operation(warned.operation)
        case .stalling(let stalling): .operation(stalling.operation)
        case .wouldCancel(let would): .operation(would.operation)
        case .started(let operation), .deferred(let operation, _), .unlisted(let operation),
            .relisted(let operation), .finished(let operation, _), .vanished(let operation),
            .dropped(let operation), .moved(let operation, _),
            .verdict(let operation, _, _, _, _, _):
            .operation(operation)
        case .intent(let intent): .operation(intent.operation)
        case .withdrawn(let id, _), .asked(let id, _, _, _): .intent(id)
        }
    }
}

// MARK: Reading and writing

extension JournalRecord {
    /// What a line of the kind says; fields that the kind does not have are passed over.
    package init(_ kind: Kind, from line: borrowing FieldReader) throws(FieldReader.BadField) {
        switch kind {
        case .open: self = try line.openRecord()
        case .close: self = .close
        case .policy: self = try line.policyRecord()
        case .seen: self = .seen(try Seen(from: line))
        case .warned: self = .warned(try Warned(from: line))
        case .started: self = .started(try line.operation())
        case .stalling: self = .stalling(try Stalling(from: line))
        case .wouldCancel: self = .wouldCancel(try WouldCancel(from: line))
        case .deferred: self = .deferred(try line.operation(), reason: try line.text(.reason))
        case .unlisted: self = .unlisted(try line.operation())
        case .relisted: self = .relisted(try line.operation())
        case .finished: self = .finished(try line.operation(), code: try line.code())
        case .vanished: self = .vanished(try line.operation())
        case .dropped: self = .dropped(try line.operation())
        case .moved: self = .moved(try line.operation(), to: try line.partition())
        case .intent: self = .intent(try Intent(from: line))
        case .withdrawn: self = .withdrawn(try line.intent(), reason: try line.text(.reason))
        case .asked: self = try line.askedRecord()
        case .verdict: self = try line.verdictRecord()
        case .failedCancels:
            self = .failedCancels(service: try line.text(.service), count: try line.count(.count))
        case .breaker: self = try line.breakerRecord()
        case .unsupported: self = try line.unsupportedRecord()
        case .damage:
            self = .damage(file: try line.text(.file), offset: try line.number(.offset))
        case .damageAccepted: self = .damageAccepted(by: try line.text(.by))
        case .spent:
            self = .spent(service: try line.text(.service), at: try line.time(.serverTime))
        }
    }

    /// The kind and its fields.
    /// - Throws: for what no line can hold, and for a kind that is not known here.
    package func write(to line: inout FieldWriter) throws(FieldWriter.Unwritable) {
        switch self {
        case .open(let pid, let host, let version, let boot, let clean):
            line.open(pid, host, version: version, boot: boot, clean: clean)
        case .close: line.begin(.close)
        case .policy(let hash, let mode, let semantics): try line.policy(hash, mode, semantics)
        case .seen(let seen):
            line.begin(.seen)
            try seen.write(to: &line)
        case .warned(let warned):
            line.begin(.warned)
            try warned.write(to: &line)
        case .started(let operation): try line.begin(.started, operation)
        case .stalling(let stalling):
            line.begin(.stalling)
            try stalling.write(to: &line)
        case .wouldCancel(let would):
            line.begin(.wouldCancel)
            try would.write(to: &line)
        case .deferred(let operation, let reason):
            try line.begin(.deferred, operation)
            line.prose(.reason, reason)
        case .unlisted(let operation): try line.begin(.unlisted, operation)
        case .relisted(let operation): try line.begin(.relisted, operation)
        case .finished(let operation, let code):
            try line.begin(.finished, operation)
            line.number(.code, code)
        case .vanished(let operation): try line.begin(.vanished, operation)
        case .dropped(let operation): try line.begin(.dropped, operation)
        case .moved(let operation, let heir): try line.moved(operation, heir)
        case .intent(let intent):
            line.begin(.intent)
            try intent.write(to: &line)
        case .withdrawn(let id, let reason): try line.withdrawn(id, reason)
        case .asked(let id, let http, let status, let words):
            try line.asked(id, http: http, status, words: words)
        case .verdict(let operation, let id, let verdict, let late, let at, let reason):
            try line.verdict(operation, id, verdict, late: late, at, reason)
        case .failedCancels(let service, let count): try line.failedCancels(service, count)
        case .breaker(let service, let cause, let at): try line.breaker(service, cause, at)
        case .unsupported(let endpoint, let collection, let type, let at):
            try line.unsupported(endpoint, collection, type: type, at)
        case .damage(let file, let offset): line.damage(file, offset)
        case .damageAccepted(let by):
            line.begin(.damageAccepted)
            line.prose(.by, by)
        case .spent(let service, let at): try line.spent(service, at)
        case .unknown(let kind):
            throw FieldWriter.Unwritable(field: .kind, problem: "'\(kind)' is not known here")
        }
    }
}

// MARK: Kinds of several fields

extension FieldReader {
    fileprivate func openRecord() throws(BadField) -> JournalRecord {
        .open(
            pid: try pid(), host: try text(.host), version: try text(.version),
            boot: try text(.boot), clean: try flag(.clean))
    }

    fileprivate func policyRecord() throws(BadField) -> JournalRecord {
        .policy(
            hash: PolicyHash(try text(.hash)), mode: try mode(),
            semantics: try count(.semantics))
    }

    fileprivate func askedRecord() throws(BadField) -> JournalRecord {
        .asked(
            try intent(), http: try count(.http), status: try text(.status),
            words: try optionalText(.words) ?? "")
    }

    fileprivate func verdictRecord() throws(BadField) -> JournalRecord {
        .verdict(
            try operation(), has(.intent) ? try intent() : nil,
            try verdict(), late: try flag(.late), at: try time(.serverTime),
            reason: try optionalText(.reason) ?? "")
    }

    fileprivate func breakerRecord() throws(BadField) -> JournalRecord {
        let isOpened = try flag(.opened)
        return .breaker(
            service: try text(.service), opened: isOpened ? try breakerCause() : nil,
            at: try time(.serverTime))
    }

    fileprivate func unsupportedRecord() throws(BadField) -> JournalRecord {
        .unsupported(
            Endpoint(try text(.endpoint)), collection: try text(.collection),
            type: try optionalText(.type), at: try time(.serverTime))
    }
}

extension FieldWriter {
    fileprivate mutating func open(
        _ pid: Int32, _ host: String, version: String, boot: String, clean: Bool
    ) {
        begin(.open)
        number(.pid, Int64(pid))
        prose(.host, host)
        prose(.version, version)
        prose(.boot, boot)
        flag(.clean, clean)
    }

    fileprivate mutating func policy(
        _ hash: PolicyHash, _ mode: Mode, _ semantics: Int
    ) throws(Unwritable) {
        begin(.policy)
        try name(.hash, hash.description)
        prose(.mode, mode.rawValue)
        number(.semantics, Int64(semantics))
    }

    fileprivate mutating func moved(
        _ operation: OperationIdentity, _ heir: Partition
    ) throws(Unwritable) {
        try begin(.moved, operation)
        try name(.service, heir.service)
        try name(.parent, heir.parent)
    }

    fileprivate mutating func withdrawn(_ id: IntentID, _ reason: String) throws(Unwritable) {
        begin(.withdrawn)
        try intent(id)
        prose(.reason, reason)
    }

    fileprivate mutating func asked(
        _ id: IntentID, http: Int, _ status: String, words: String
    ) throws(Unwritable) {
        begin(.asked)
        try intent(id)
        number(.http, Int64(http))
        prose(.status, status)
        if !words.isEmpty { prose(.words, words) }
    }

    fileprivate mutating func verdict(
        _ operation: OperationIdentity, _ id: IntentID?, _ verdict: Verdict, late: Bool,
        _ at: Timestamp, _ reason: String
    ) throws(Unwritable) {
        try begin(.verdict, operation)
        if let id { try intent(id) }
        prose(.verdict, verdict.rawValue)
        flag(.late, late)
        time(.serverTime, at)
        if !reason.isEmpty { prose(.reason, reason) }
    }

    fileprivate mutating func failedCancels(_ service: String, _ count: Int) throws(Unwritable) {
        begin(.failedCancels)
        try name(.service, service)
        number(.count, Int64(count))
    }

    fileprivate mutating func breaker(
        _ service: String, _ opened: BreakerCause?, _ at: Timestamp
    ) throws(Unwritable) {
        begin(.breaker)
        try name(.service, service)
        time(.serverTime, at)
        flag(.opened, opened != nil)
        if let opened { breakerCause(opened) }
    }

    fileprivate mutating func unsupported(
        _ endpoint: Endpoint, _ collection: String, type: String?, _ at: Timestamp
    ) throws(Unwritable) {
        begin(.unsupported)
        try name(.endpoint, endpoint.description)
        try name(.collection, collection)
        if let type { try name(.type, type) }
        time(.serverTime, at)
    }

    fileprivate mutating func damage(_ file: String, _ offset: Int64) {
        begin(.damage)
        prose(.file, file)
        number(.offset, offset)
    }

    fileprivate mutating func spent(_ service: String, _ at: Timestamp) throws(Unwritable) {
        begin(.spent)
        try name(.service, service)
        time(.serverTime, at)
    }
}
