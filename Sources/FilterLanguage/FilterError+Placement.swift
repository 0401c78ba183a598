/// Tokens where they cannot stand.
extension FilterError {
    /// Why no term begins with the token; nil where one may.
    init?(noTermBeginsWith token: Token) {
        let offset = token.range.lowerBound
        switch token.kind {
        case .open:
            return nil
        case .text, .string:
            guard let keyword = token.keyword else { return nil }
            self.init(offset: offset, message: "`\(keyword)` needs a term on its left")
        case .comparator(let comparator):
            self.init(
                offset: offset, message: "`\(comparator.rawValue)` needs a field on its left")
        case .close:
            self = .closesNothing(at: offset)
        case .dot:
            self.init(offset: offset, message: "`.` needs a name on its left")
        case .comma:
            self.init(
                offset: offset, message: "`,` stands only between the arguments of a function",
                suggestion: "write AND or OR")
        case .minus, .end:
            self.init(offset: offset, message: "a term is missing")
        }
    }

    /// The error for a `)` without its `(`.
    static func closesNothing(at close: Int) -> FilterError {
        FilterError(offset: close, message: "`)` closes nothing", suggestion: "remove it")
    }

    /// The error for a `(` without its `)`.
    static func neverClosed(at open: Int) -> FilterError {
        FilterError(offset: open, message: "`(` is never closed", suggestion: "close it with )")
    }
}
