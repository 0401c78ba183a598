import FilterLanguage

/// A filter expression of the file, with what it takes to point into it.
struct Expression {
    let filter: Filter
    let scalar: YAMLScalar
    let mark: Mark

    /// The place of the byte `offset` of the expression.
    func mark(ofByte offset: Int) -> Mark {
        scalar.mark(ofByte: offset, from: mark)
    }
}
