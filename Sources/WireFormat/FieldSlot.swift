/// What was found at one path of one object.
///
/// Packed into 16 bytes, because a filter mostly waits for the memory that it looks at.
package struct FieldSlot: Sendable {
    private let lower: UInt32
    private let upper: UInt32
    private let segment: UInt32
    package let kind: FieldKind
    /// Of a string: whether any escape is in it.
    package let isEscaped: Bool

    /// Nothing was found.
    package static let absent = FieldSlot(.absent, at: 0..<0)

    /// Where the field's JSON stands in the bytes of the row, quotes or brackets included.
    package var range: Range<Int> { Int(lower)..<Int(upper) }

    /// Of a `.repeated` field the index of the first segment behind the array.
    package var depth: Int { Int(segment) }

    /// - Parameter range: inside the first `ReadLimits.addressableMax` bytes.
    init(_ kind: FieldKind, at range: Range<Int>, depth: Int = 0, isEscaped: Bool = false) {
        lower = UInt32(truncatingIfNeeded: range.lowerBound)
        upper = UInt32(truncatingIfNeeded: range.upperBound)
        segment = UInt32(truncatingIfNeeded: depth)
        self.kind = kind
        self.isEscaped = isEscaped
    }
}
