internal import WireFormat

/// One field against one literal.
struct Comparison: Equatable, Sendable {
    let path: FieldPath
    let comparator: Comparator
    let literal: Literal

    /// What a bare literal stands for.
    init(word: Literal) {
        let name = FieldPath(segments: [FieldSegment("name")])
        self.init(path: name, comparator: .has, literal: word)
    }

    init(path: FieldPath, comparator: Comparator, literal: Literal) {
        self.path = path
        self.comparator = comparator
        self.literal = literal
    }

    // MARK: Paths

    /// The parent object; nil for a field of the operation itself.
    var parent: FieldPath? {
        path.segments.count > 1 ? FieldPath(segments: Array(path.segments.dropLast())) : nil
    }

    /// The key that `m:key` asks for, in case the field is an object.
    var key: FieldPath? {
        guard comparator == .has, !literal.isStar else { return nil }
        let segment = FieldSegment(literal.text, isQuoted: literal.isQuoted)
        return FieldPath(segments: path.segments + [segment])
    }

    /// Gives every path that a test of it looks at to the body, parents first.
    func collect(_ add: (FieldPath) -> Void) {
        for length in path.segments.indices.dropFirst() {
            add(FieldPath(segments: Array(path.segments.prefix(length))))
        }
        add(path)
        if let key { add(key) }
    }

    // MARK: Printing

    /// `FIELD = VALUE`, without spaces around `:`.
    var text: String { text(ofValue: literal.printed) }

    /// The same with something else in place of the literal, such as values in parentheses.
    func text(ofValue value: String) -> String {
        comparator == .has
            ? "\(path.printed):\(value)" : "\(path.printed) \(comparator.rawValue) \(value)"
    }
}
