import FilterLanguage

/// Tells whether a rule still means what it meant: 16 hex digits over its action and match.
///
/// The same on every machine and in every run; not meant against forgers.
package struct RuleHash: Sendable, Hashable, CustomStringConvertible {
    package let description: String

    /// - Parameter hex: 16 lower-case digits.
    package init(_ hex: String) {
        description = hex
    }

    /// FNV-1a over the action, and the match in its canonical form.
    init(of rule: Rule) {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in (rule.action.rawValue + "\n" + (rule.match?.description ?? "")).utf8 {
            hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3
        }
        let hex = String(hash, radix: 16)
        description = String(repeating: "0", count: 16 - hex.utf8.count) + hex
    }
}
