/// How field and literal are compared.
enum Comparator: String, Sendable {
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case equal = "="
    case notEqual = "!="
    case has = ":"

    /// One of the four that put values in order.
    var isOrdering: Bool {
        switch self {
        case .less, .lessOrEqual, .greater, .greaterOrEqual: true
        case .equal, .notEqual, .has: false
        }
    }

    /// Whether values in parentheses may follow. With `!=` nobody agrees what they mean.
    var takesGroups: Bool { self == .equal || self == .has }
}
