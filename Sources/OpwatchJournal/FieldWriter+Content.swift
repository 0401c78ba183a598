internal import OpwatchCore
internal import WireFormat

extension FieldWriter {
    /// The kind and what belongs to it.
    mutating func write(_ content: LineContent) throws(JournalError) {
        switch content {
        case .header(let header): write(header)
        case .history(let header): write(header)
        case .ready(let lines):
            kind(.ready)
            number(.lines, lines)
        case .record(let record): try write(record)
        case .restated(let record):
            try write(record)
            flag(.restated, true)
        case .preserved(let kind, _): throw Self.unknown(kind)
        }
    }

    private mutating func write(_ record: JournalRecord) throws(JournalError) {
        switch record {
        case .open(let pid, let host, let version, let boot, let clean):
            writeOpen(pid: pid, host: host, version: version, boot: boot, clean: clean)
        case .close: kind(.close)
        case .policy(let hash, let mode, let semantics):
            try writePolicy(hash, mode, semantics: semantics)
        case .seen(let seen): try write(seen)
        case .warned(let warned): try write(warned)
        case .started(let operation): try begin(.started, operation)
        case .stalling(let stalling): try write(stalling)
        case .wouldCancel(let would): try write(would)
        case .deferred(let operation, let reason):
            try begin(.deferred, operation)
            prose(.reason, reason)
        case .unlisted(let operation): try begin(.unlisted, operation)
        case .relisted(let operation): try begin(.relisted, operation)
        case .finished(let operation, let code):
            try begin(.finished, operation)
            number(.code, code)
        case .vanished(let operation): try begin(.vanished, operation)
        case .dropped(let operation): try begin(.dropped, operation)
        case .moved(let operation, let partition):
            try begin(.moved, operation)
            try name(.service, partition.service)
            try name(.parent, partition.parent)
        case .intent(let intent): try write(intent)
        case .withdrawn(let id, let reason):
            kind(.withdrawn)
            try intent(id)
            prose(.reason, reason)
        case .asked(let id, let http, let status, let words):
            try writeAsked(id, http: http, status: status, words: words)
        case .verdict(let operation, let id, let verdict, let late, let at, let reason):
            try writeVerdict(operation, id, verdict, late: late, at: at, reason: reason)
        case .failedCancels(let service, let count):
            kind(.failedCancels)
            try name(.service, service)
            number(.count, count)
        case .breaker(let service, let opened, let at):
            try writeBreaker(service, opened: opened, at: at)
        case .unsupported(let endpoint, let collection, let type, let at):
            try writeUnsupported(endpoint, collection, type: type, at: at)
        case .damage(let file, let offset):
            kind(.damage)
            prose(.file, file)
            number(.offset, offset)
        case .damageAccepted(let by):
            kind(.damageAccepted)
            prose(.by, by)
        case .spent(let service, let at):
            kind(.spent)
            try name(.service, service)
            time(.serverTime, at)
        case .unknown(let kind): throw Self.unknown(kind)
        }
    }

    private static func unknown(_ kind: String) -> JournalError {
        .unwritable(field: LineField.kind.name, problem: "'\(kind)' is not known here")
    }

    private mutating func begin(
        _ kind: LineKind, _ operation: OperationIdentity
    ) throws(JournalError) {
        self.kind(kind)
        try name(.endpoint, operation.endpoint.description)
        try name(.op, operation.name)
    }

    private mutating func write(_ header: JournalHeader) {
        kind(.header)
        number(.format, header.format)
        number(.min, header.min)
        number(.afterSeq, header.afterSeq)
        number(.afterBytes, header.afterBytes)
        prose(.boot, header.boot)
        prose(.build, header.build)
        if let writer = header.writer {
            number(.pid, writer.pid)
            prose(.host, writer.host)
        }
        if let serverTime = header.serverTime { time(.serverTime, serverTime) }
    }

    private mutating func write(_ header: HistoryHeader) {
        kind(.history)
        number(.afterSeq, header.afterSeq)
        number(.afterBytes, header.afterBytes)
        number(.lines, header.lines)
        time(.serverTime, header.serverTime)
    }

    private mutating func writeOpen(
        pid: Int32, host: String, version: String, boot: String, clean: Bool
    ) {
        kind(.open)
        number(.pid, pid)
        prose(.host, host)
        prose(.version, version)
        prose(.boot, boot)
        flag(.clean, clean)
    }

    private mutating func writePolicy(
        _ hash: PolicyHash, _ mode: Mode, semantics: Int
    ) throws(JournalError) {
        kind(.policy)
        try name(.hash, hash.description)
        prose(.mode, mode.rawValue)
        number(.semantics, semantics)
    }
}

// MARK: Operations

extension FieldWriter {
    private mutating func write(_ seen: JournalRecord.Seen) throws(JournalError) {
        kind(.seen)
        try name(.service, seen.partition.service)
        try name(.endpoint, seen.partition.endpoint.description)
        try name(.parent, seen.partition.parent)
        try name(.op, seen.name)
        time(seen.isCreation ? .created : .firstSeen, seen.since)
        if seen.isStarted { flag(.started, true) }
    }

    private mutating func write(_ warned: JournalRecord.Warned) throws(JournalError) {
        try begin(.warned, warned.operation)
        time(.serverTime, warned.at)
        try name(.rule, warned.rule)
        prose(.clock, warned.clock.description)
        time(.deadline, warned.deadline)
        duration(.age, warned.age)
        duration(.timeout, warned.timeout)
        prose(.mode, warned.mode.rawValue)
        if let hash = warned.ruleHash { try name(.ruleHash, hash.description) }
        if warned.isNotice { flag(.notice, true) }
    }

    private mutating func write(_ stalling: JournalRecord.Stalling) throws(JournalError) {
        try begin(.stalling, stalling.operation)
        hash(.fieldHash, stalling.fieldHash)
        time(.since, stalling.since)
        duration(.stalledFor, stalling.stalledFor)
    }

    private mutating func write(_ would: JournalRecord.WouldCancel) throws(JournalError) {
        try begin(.wouldCancel, would.operation)
        try name(.rule, would.rule)
        prose(.clock, would.clock.description)
        duration(.age, would.age)
        duration(.timeout, would.timeout)
    }

    private mutating func writeBreaker(
        _ service: String, opened: BreakerCause?, at: Timestamp
    ) throws(JournalError) {
        kind(.breaker)
        try name(.service, service)
        time(.serverTime, at)
        flag(.opened, opened != nil)
        if let opened {
            prose(.reason, opened.words)
            if let kind = opened.kind { prose(.cause, kind.rawValue) }
        }
    }

    private mutating func writeUnsupported(
        _ endpoint: Endpoint, _ collection: String, type: String?, at: Timestamp
    ) throws(JournalError) {
        kind(.unsupported)
        try name(.endpoint, endpoint.description)
        try name(.collection, collection)
        if let type { try name(.type, type) }
        time(.serverTime, at)
    }
}

// MARK: Cancels

extension FieldWriter {
    private mutating func write(_ record: JournalRecord.Intent) throws(JournalError) {
        kind(.intent)
        try intent(record.id)
        try name(.endpoint, record.operation.endpoint.description)
        try name(.op, record.operation.name)
        try name(.service, record.service)
        time(.serverTime, record.serverTime)
        time(.created, record.created)
        prose(.clock, record.clock.description)
        duration(.age, record.age)
        duration(.timeout, record.timeout)
        time(.deadline, record.deadline)
        try name(.rule, record.rule)
        try name(.policy, record.policy.description)
        number(.attempt, record.attempt)
        write(record.earlier)
    }

    /// What is nothing is not told.
    private mutating func write(_ earlier: EarlierIntents) {
        if earlier.refusals > 0 { number(.refusals, earlier.refusals) }
        if earlier.unanswered > 0 { number(.unanswered, earlier.unanswered) }
        if earlier.mayHaveArrived { flag(.arrived, true) }
        if earlier.wordless > 0 { number(.wordless, earlier.wordless) }
    }

    private mutating func writeAsked(
        _ id: IntentID, http: Int, status: String, words: String
    ) throws(JournalError) {
        kind(.asked)
        try intent(id)
        number(.http, http)
        prose(.status, status)
        if !words.isEmpty { prose(.words, words) }
    }

    private mutating func writeVerdict(
        _ operation: OperationIdentity, _ id: IntentID?, _ verdict: Verdict, late: Bool,
        at: Timestamp, reason: String
    ) throws(JournalError) {
        try begin(.verdict, operation)
        if let id { try intent(id) }
        prose(.verdict, verdict.rawValue)
        flag(.late, late)
        time(.serverTime, at)
        if !reason.isEmpty { prose(.reason, reason) }
    }
}
