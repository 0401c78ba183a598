/// What stands at a path of one object.
package enum FieldKind: UInt8, Sendable {
    case absent, null, `false`, `true`, number, string, object, array
    /// An array stood at an inner segment of the path: the slot's range is that array, and
    /// `FieldRow.repeatedDepth` tells which segment comes next.
    case repeated
}

/// One element of an array of a row.
package struct FieldElement: Hashable, Sendable {
    /// Never `.absent` or `.repeated`.
    package let kind: FieldKind
    /// Where its JSON stands in the bytes of the row.
    package let range: Range<Int>

    /// An element that stands at the range.
    package init(kind: FieldKind, range: Range<Int>) {
        self.kind = kind
        self.range = range
    }
}
