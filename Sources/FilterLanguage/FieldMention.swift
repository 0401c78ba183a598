package import WireFormat

/// A field that an expression names, and where.
package struct FieldMention: Sendable {
    package let path: FieldPath
    /// UTF-8 bytes from the start of the expression.
    package let offset: Int
}
