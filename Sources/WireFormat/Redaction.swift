/// Takes secrets out of texts that others wrote, as far as these quote them.
///
/// A secret is found as it is, as a form or a URL encodes it, and as JSON escapes its slashes. Of a
/// long one its beginning is enough: what a server cuts off, or the one before it that begins
/// alike, goes with all that could belong to it.
package struct Redaction: Sendable {
    private let forms: [[UInt8]]
    private let mark: String

    /// So much of a secret gives it away.
    private static let telling = 12
    /// More of a text than any message shows, and several tokens long.
    private static let bytesMax = 64 << 10

    /// - Parameters:
    ///   - secrets: empty ones are left out.
    ///   - mark: what stands in their place.
    package init(_ secrets: [String], mark: String) {
        var forms: [[UInt8]] = []
        for secret in secrets where !secret.isEmpty {
            let encoded = URLPath.encodeQueryValue(secret)
            for form in [secret, encoded, encoded.lowercasingEscapes, secret.escapingSlashes] {
                let bytes = Array(form.utf8)
                if !forms.contains(bytes) { forms.append(bytes) }
            }
        }
        self.forms = forms
        self.mark = mark
    }

    /// The beginning of the text without the secrets.
    package func apply(to text: String) -> String {
        guard !forms.isEmpty else { return text }
        // Byte by byte: a character that combines with a secret's last would hide it.
        let bytes = Array(text.utf8.prefix(Self.bytesMax))
        var kept: [UInt8] = []
        var sinceMark = 0
        var index = 0
        while index < bytes.count {
            let length = lengthOfSecret(in: bytes, at: index)
            if length > 0 {
                kept += mark.utf8
                sinceMark = 0
                index += length
            } else {
                kept.append(bytes[index])
                sinceMark += 1
                index += 1
            }
        }
        // The beginning of one may stand at the cut.
        if bytes.count < text.utf8.count { kept.removeLast(min(Self.telling, sinceMark)) }
        return String(decoding: kept, as: UTF8.self)
    }

    private func lengthOfSecret(in bytes: [UInt8], at start: Int) -> Int {
        var longest = 0
        for form in forms where form[0] == bytes[start] {
            var length = 0
            while length < form.count, start + length < bytes.count,
                bytes[start + length] == form[length]
            {
                length += 1
            }
            if length == form.count || length >= Self.telling { longest = max(longest, length) }
        }
        guard longest >= Self.telling else { return longest }
        var end = start + longest
        while end < bytes.count, Self.isOfSecret(bytes[end]) { end += 1 }
        return end - start
    }

    private static func isOfSecret(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "-._~+/=%\\".utf8.contains(byte)
        }
    }
}

extension String {
    /// `%2F` as `%2f`, as some write it.
    fileprivate var lowercasingEscapes: String {
        var bytes = Array(utf8)
        for index in bytes.indices where bytes[index] == UInt8(ascii: "%") {
            for place in index + 1..<min(index + 3, bytes.count) where bytes[place] < 0x5B {
                if bytes[place] > 0x40 { bytes[place] |= 0x20 }
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    fileprivate var escapingSlashes: String {
        split(separator: "/", omittingEmptySubsequences: false).joined(separator: "\\/")
    }
}
