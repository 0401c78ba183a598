/// What an expression may have at most.
enum Limits {
    /// UTF-8 bytes, as written and in canonical form.
    static let bytesMax = 8 << 10
    /// Groups inside one another.
    static let nestingMax = 32
    /// Comparisons, bare literals and function calls together; of values in parentheses each.
    static let termsMax = 1_000
    /// Segments of one path; an object cannot be read deeper.
    static let segmentsMax = 64
}
