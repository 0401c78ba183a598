/// One comparison with its paths resolved to slots.
///
/// Holds no references, so that running it counts none.
struct BoundTest: Sendable {
    let comparator: Comparator
    let slot: Int
    /// The parent object; nil for a field of the operation itself.
    let parent: Int?
    /// The key that `m:key` asks for.
    let key: Int?
    /// `done` is the one boolean of an operation itself, and proto3 leaves out what is false.
    let isFalseWhenAbsent: Bool
    /// What remains of the path behind its inner segments: an index into `BoundFilter.tails`.
    let tails: Int
    /// Where the text of the literal stands in `BoundFilter.texts`.
    let text: Range<Int>
    let type: LiteralType
    /// The literal is `true` or `false`.
    let boolean: Bool?
    /// A `*` stood in front, or behind.
    let isOpenAtStart: Bool
    let isOpenAtEnd: Bool

    /// The literal is a lone `*`.
    var isStar: Bool { isOpenAtStart && isOpenAtEnd && text.isEmpty }

    /// The literal has wildcards.
    var isPattern: Bool { isOpenAtStart || isOpenAtEnd }
}
