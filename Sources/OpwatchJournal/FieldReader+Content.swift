internal import OpwatchCore

extension FieldReader {
    /// What a line of a known kind says; fields that the kind does not have are passed over.
    func content(_ kind: LineKind) throws(BadField) -> LineContent {
        switch kind {
        case .header: return .header(try header())
        case .history: return .history(try history())
        case .ready: return .ready(lines: try number(.lines))
        default:
            let record = try record(kind)
            let isRestated = try optionalFlag(.restated)
            return isRestated ? .restated(record) : .record(record)
        }
    }

    private func record(_ kind: LineKind) throws(BadField) -> JournalRecord {
        switch kind {
        case .header, .history, .ready: throw BadField(field: .kind)
        case .open: try open()
        case .close: .close
        case .policy: try policy()
        case .seen: .seen(try seen())
        case .warned: .warned(try warned())
        case .started: .started(try operation())
        case .stalling: .stalling(try stalling())
        case .wouldCancel: .wouldCancel(try wouldCancel())
        case .deferred: .deferred(try operation(), reason: try text(.reason))
        case .unlisted: .unlisted(try operation())
        case .relisted: .relisted(try operation())
        case .finished: .finished(try operation(), code: try code())
        case .vanished: .vanished(try operation())
        case .dropped: .dropped(try operation())
        case .moved: .moved(try operation(), to: try partition())
        case .intent: .intent(try intentRecord())
        case .withdrawn: .withdrawn(try intent(), reason: try text(.reason))
        case .asked: try asked()
        case .verdict: try verdictRecord()
        case .failedCancels:
            .failedCancels(service: try text(.service), count: Int(try number(.count)))
        case .breaker: try breaker()
        case .unsupported: try unsupported()
        case .damage: .damage(file: try text(.file), offset: try number(.offset))
        case .damageAccepted: .damageAccepted(by: try text(.by))
        case .spent: .spent(service: try text(.service), at: try time(.serverTime))
        }
    }

    /// The oldest reader that may follow a header, all that is asked of one by a later version.
    func headerMin() throws(BadField) -> Int64 {
        try number(.min, in: 1...Int64.max)
    }

    private func header() throws(BadField) -> JournalHeader {
        JournalHeader(
            format: try number(.format, in: 1...Int64.max),
            min: try headerMin(),
            afterSeq: try number(.afterSeq, in: 0...JournalFile.seqMax),
            afterBytes: try number(.afterBytes),
            boot: try text(.boot),
            build: try text(.build),
            writer: try has(.pid)
                ? JournalError.Holder(pid: try pid(), host: try text(.host)) : nil,
            serverTime: try has(.serverTime) ? try time(.serverTime) : nil)
    }

    private func history() throws(BadField) -> HistoryHeader {
        HistoryHeader(
            afterSeq: try number(.afterSeq, in: 0...JournalFile.seqMax),
            afterBytes: try number(.afterBytes),
            lines: try number(.lines),
            serverTime: try time(.serverTime))
    }

    private func open() throws(BadField) -> JournalRecord {
        .open(
            pid: try pid(),
            host: try text(.host), version: try text(.version), boot: try text(.boot),
            clean: try flag(.clean))
    }

    private func pid() throws(BadField) -> Int32 {
        Int32(truncatingIfNeeded: try number(.pid, in: 0...Int64(Int32.max)))
    }

    private func policy() throws(BadField) -> JournalRecord {
        .policy(
            hash: PolicyHash(try text(.hash)), mode: try mode(),
            semantics: Int(try number(.semantics)))
    }

    private func code() throws(BadField) -> Int64 {
        try number(.code, in: Int64.min...Int64.max)
    }

    private func seen() throws(BadField) -> JournalRecord.Seen {
        let isCreation = try has(.created)
        guard try has(.firstSeen) != isCreation else { throw BadField(field: .created) }
        return JournalRecord.Seen(
            partition: try partition(), name: try text(.op),
            since: try time(isCreation ? .created : .firstSeen),
            isCreation: isCreation, isStarted: try optionalFlag(.started))
    }

    private func partition() throws(BadField) -> Partition {
        Partition(
            service: try text(.service), endpoint: Endpoint(try text(.endpoint)),
            parent: try text(.parent))
    }

    private func warned() throws(BadField) -> JournalRecord.Warned {
        JournalRecord.Warned(
            operation: try operation(), rule: try text(.rule), clock: try clock(),
            deadline: try time(.deadline), age: try duration(.age),
            timeout: try duration(.timeout), at: try time(.serverTime), mode: try mode(),
            ruleHash: try optionalText(.ruleHash).map { RuleHash($0) },
            isNotice: try optionalFlag(.notice))
    }

    private func stalling() throws(BadField) -> JournalRecord.Stalling {
        JournalRecord.Stalling(
            operation: try operation(), fieldHash: try hash(.fieldHash),
            since: try time(.since), stalledFor: try duration(.stalledFor))
    }

    private func wouldCancel() throws(BadField) -> JournalRecord.WouldCancel {
        JournalRecord.WouldCancel(
            operation: try operation(), rule: try text(.rule), clock: try clock(),
            age: try duration(.age), timeout: try duration(.timeout))
    }

    private func intentRecord() throws(BadField) -> JournalRecord.Intent {
        JournalRecord.Intent(
            id: try intent(), operation: try operation(), service: try text(.service),
            serverTime: try time(.serverTime), created: try time(.created),
            clock: try clock(), age: try duration(.age), timeout: try duration(.timeout),
            deadline: try time(.deadline), rule: try text(.rule),
            policy: PolicyHash(try text(.policy)), attempt: Int(try number(.attempt)),
            earlier: try earlierIntents())
    }

    /// What an earlier version did not tell was nothing.
    private func earlierIntents() throws(BadField) -> EarlierIntents {
        var earlier = EarlierIntents()
        if try has(.refusals) { earlier.refusals = Int(try number(.refusals)) }
        if try has(.unanswered) { earlier.unanswered = Int(try number(.unanswered)) }
        if try has(.wordless) { earlier.wordless = Int(try number(.wordless)) }
        earlier.mayHaveArrived = try optionalFlag(.arrived)
        return earlier
    }

    private func asked() throws(BadField) -> JournalRecord {
        .asked(
            try intent(), http: Int(try number(.http)), status: try text(.status),
            words: try optionalText(.words) ?? "")
    }

    private func verdictRecord() throws(BadField) -> JournalRecord {
        .verdict(
            try operation(), try has(.intent) ? try intent() : nil, try verdict(),
            late: try flag(.late), at: try time(.serverTime),
            reason: try optionalText(.reason) ?? "")
    }

    private func breaker() throws(BadField) -> JournalRecord {
        let isOpened = try flag(.opened)
        return .breaker(
            service: try text(.service), opened: isOpened ? try breakerCause() : nil,
            at: try time(.serverTime))
    }

    private func breakerCause() throws(BadField) -> BreakerCause {
        guard let word = try optionalText(.cause) else {
            return BreakerCause(nil, words: try text(.reason))
        }
        guard let kind = BreakerCause.Kind(rawValue: word) else { throw BadField(field: .cause) }
        return BreakerCause(kind, words: try text(.reason))
    }

    private func unsupported() throws(BadField) -> JournalRecord {
        .unsupported(
            Endpoint(try text(.endpoint)), collection: try text(.collection),
            type: try optionalText(.type), at: try time(.serverTime))
    }
}
