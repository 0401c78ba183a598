import FilterLanguage
import WireFormat

/// Tells whether a rule still promises what it promised: 16 hex digits over its action, its match
/// and its notice.
///
/// The same on every machine and in every run; not meant against forgers.
package struct RuleHash: Sendable, Hashable, CustomStringConvertible {
    package let description: String

    /// - Parameter hex: 16 lower-case digits.
    package init(_ hex: String) {
        description = hex
    }

    /// FNV-1a over the action, the seconds of notice, and the match in its canonical form.
    init(of rule: Rule) {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        let notice = rule.warnBefore?.components.seconds ?? 0
        let text = "\(rule.action.rawValue)\n\(notice)\n\(rule.match?.description ?? "")"
        for byte in text.utf8 {
            hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3
        }
        description = HexText.write(hash)
    }
}
