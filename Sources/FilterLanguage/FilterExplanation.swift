/// What decided whether an operation matches a filter.
package struct FilterExplanation: Equatable, Sendable {
    package let matches: Bool
    /// The terms that decided, in the order of the expression: of an AND that fails and of an OR
    /// that holds the first such term, else every term. None for the blank filter.
    package let findings: [Finding]

    /// One comparison, bare literal or call, and what it met.
    package struct Finding: Equatable, Sendable {
        /// The term in canonical form, without a NOT in front.
        package let term: String
        package let holds: Bool
        /// The JSON of the field, nil when it is absent; remote text of any length.
        package let value: String?
    }
}
