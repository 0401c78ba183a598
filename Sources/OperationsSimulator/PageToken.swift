/// What a page token says: where in the script a list goes on.
///
/// The text carries a check of itself and of the list's other parameters, so that a token of
/// another list, or of nobody, is known as such.
struct PageToken: Hashable {
    /// The place in the script where the next page begins.
    let position: Int
    /// Tells tokens of one place apart, so that an empty page need not repeat its own.
    let salt: Int

    init(position: Int, salt: Int = 0) {
        self.position = position
        self.salt = salt
    }

    /// Nil for a text that `text(parent:filter:)` of the same list did not write.
    init?(_ text: String, parent: String, filter: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, let position = Int(parts[0], radix: 36), position >= 0,
            let salt = Int(parts[1], radix: 36), salt >= 0
        else { return nil }
        self.init(position: position, salt: salt)
        guard self.text(parent: parent, filter: filter) == text else { return nil }
    }

    func text(parent: String, filter: String) -> String {
        let place = String(position, radix: 36) + "-" + String(salt, radix: 36)
        return place + "-" + String(Hash.fnv1a("\(place)\n\(parent)\n\(filter)"), radix: 36)
    }
}

/// Short fingerprints of texts.
enum Hash {
    /// FNV-1a, 64 bit.
    static func fnv1a(_ text: String) -> UInt64 {
        text.utf8.reduce(0xcbf2_9ce4_8422_2325) { hash, byte in
            (hash ^ UInt64(byte)) &* 0x100_0000_01b3
        }
    }
}
