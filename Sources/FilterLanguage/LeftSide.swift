internal import WireFormat

/// What stands in front of a value: the field and how it is compared.
///
/// Values in parentheses share one.
struct LeftSide {
    let path: FieldPath
    let comparator: Comparator
    /// Where the comparator stands, in UTF-8 bytes.
    let sign: Int

    /// Refuses values in parentheses behind a comparator of one value.
    func requireGroupsAllowed(at open: Int) throws(FilterError) {
        guard !comparator.takesGroups else { return }
        throw FilterError(
            offset: open,
            message: "`\(comparator.rawValue)` takes one value, not values in parentheses",
            suggestion: comparator == .notEqual
                ? "write NOT FIELD = (a OR b)" : "write a comparison for each value")
    }
}
