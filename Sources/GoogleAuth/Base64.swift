/// Bytes as text (RFC 4648).
enum Base64 {
    private static let common = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)

    /// With `+`, `/` and padding, as HTTP's Basic scheme has it.
    static func text(_ bytes: some Sequence<UInt8>) -> String {
        let text = encode(bytes, common + "+/".utf8)
        return text + String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
    }

    /// With `-` and `_` and without padding, as JSON web tokens have it.
    static func urlText(_ bytes: some Sequence<UInt8>) -> String {
        encode(bytes, common + "-_".utf8)
    }

    private static func encode(_ bytes: some Sequence<UInt8>, _ alphabet: [UInt8]) -> String {
        var text: [UInt8] = []
        var bits: UInt32 = 0
        var count: UInt32 = 0
        for byte in bytes {
            bits = bits << 8 | UInt32(byte)
            count += 8
            while count >= 6 {
                count -= 6
                text.append(alphabet[Int(bits >> count & 63)])
            }
        }
        if count > 0 { text.append(alphabet[Int(bits << (6 - count) & 63)]) }
        return String(decoding: text, as: UTF8.self)
    }
}
