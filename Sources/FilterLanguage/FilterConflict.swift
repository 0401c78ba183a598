/// Terms of one field that exclude one another, or a single one that cannot hold.
package struct FilterConflict: Equatable, Sendable, CustomStringConvertible {
    /// In canonical form, each with its NOT; none where the expressions contradict by themselves.
    package let terms: [String]

    package var description: String {
        switch terms.count {
        case 0: "nothing is left of it"
        case 1: "\(terms[0]) cannot hold while an operation runs"
        case 2: "\(terms[0]) and \(terms[1]) exclude one another"
        default: terms.joined(separator: ", ") + " exclude one another"
        }
    }
}
