/// The fields of all lines of the journal; a field means the same in every kind. The number of each
/// is its slot in a row.
package enum LineField: Int, Sendable, CaseIterable {
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
    package var name: String { Self.names[rawValue] }

    private static let names = allCases.map { "\($0)" }
}
