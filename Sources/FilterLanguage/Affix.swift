/// Where a text has another one in it.
enum Affix {
    case start([UInt8])
    case end([UInt8])
    case inside([UInt8])

    init(_ pattern: Literal) {
        let text = Array(pattern.text.utf8)
        switch (pattern.isOpenAtStart, pattern.isOpenAtEnd) {
        case (false, _): self = .start(text)
        case (true, false): self = .end(text)
        case (true, true): self = .inside(text)
        }
    }

    var bytes: [UInt8] {
        switch self {
        case .start(let bytes), .end(let bytes), .inside(let bytes): bytes
        }
    }

    func fits(_ text: [UInt8]) -> Bool {
        switch self {
        case .start(let bytes): text.starts(with: bytes)
        case .end(let bytes): text.suffix(bytes.count).elementsEqual(bytes)
        case .inside(let bytes): text.firstRange(of: bytes) != nil || bytes.isEmpty
        }
    }

    /// Whether some text has both.
    func agrees(with other: Affix) -> Bool {
        switch (self, other) {
        case (.start(let left), .start(let right)):
            left.starts(with: right) || right.starts(with: left)
        case (.end(let left), .end(let right)):
            left.suffix(right.count).elementsEqual(right)
                || right.suffix(left.count).elementsEqual(left)
        default: true
        }
    }

    /// Whether every text that has the other has this one too.
    func follows(from other: Affix) -> Bool {
        switch (self, other) {
        case (.start, .start), (.end, .end), (.inside, _): fits(other.bytes)
        default: bytes.isEmpty
        }
    }
}
