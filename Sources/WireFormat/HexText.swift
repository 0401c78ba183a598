/// 64 bits as text.
package enum HexText {
    /// 16 lower-case hex digits.
    package static func write(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}
