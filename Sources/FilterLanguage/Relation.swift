/// How the field stands to the literal.
enum Relation: Sendable {
    case less, equal, greater
    /// Neither equal nor in any order: the types differ.
    case unequal

    init<Value: Comparable>(_ field: Value, _ literal: Value) {
        self = field == literal ? .equal : field < literal ? .less : .greater
    }

    /// How the literal stands to the field.
    var reversed: Relation {
        switch self {
        case .less: .greater
        case .greater: .less
        case .equal, .unequal: self
        }
    }

    /// Whether the comparator holds.
    func satisfies(_ comparator: Comparator) -> Bool {
        switch comparator {
        case .equal, .has: self == .equal
        case .notEqual: self != .equal
        case .less: self == .less
        case .lessOrEqual: self == .less || self == .equal
        case .greater: self == .greater
        case .greaterOrEqual: self == .greater || self == .equal
        }
    }
}
