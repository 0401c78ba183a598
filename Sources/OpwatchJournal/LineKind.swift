/// The kinds of lines that this version knows.
enum LineKind: String {
    case header, history, ready, open, close, policy, seen, warned, wouldCancel, deferred, unlisted,
        relisted
    case finished, vanished, dropped, intent, withdrawn, asked, verdict, breaker, unsupported
    case damage, damageAccepted, spent, started, stalling, failedCancels, moved
}

/// The fields of all lines; a field means the same in every kind. The number of each is its slot
/// in a row.
enum LineField: Int, CaseIterable {
    case at, kind
    case format, min, afterSeq, afterBytes, boot, build, lines
    case pid, host, version, clean, hash, mode, semantics
    case service, endpoint, parent, op, created, firstSeen, serverTime
    case rule, clock, deadline, age, timeout, intent, policy, attempt
    case reason, http, status, verdict, late, code, opened, collection, file, offset, by
    case restated
    case started, ruleHash, notice, refusals, unanswered, arrived, wordless, words, type, fieldHash
    case since, stalledFor, count, cause

    /// As it stands in a line.
    var name: String { Self.names[rawValue] }

    private static let names = allCases.map { "\($0)" }
}
