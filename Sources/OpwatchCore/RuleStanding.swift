package import FilterLanguage

/// What one rule makes of an operation.
package struct RuleStanding: Sendable, Equatable {
    /// The rule's name.
    package let rule: String
    package let part: Part
    /// What decided in its `match`; nil where it has none, or where nobody asked.
    package let findings: [FilterExplanation.Finding]?

    init(_ rule: String, _ part: Part, _ findings: [FilterExplanation.Finding]?) {
        self.rule = rule
        self.part = part
        self.findings = findings
    }

    /// The part that it has in what is decided.
    package enum Part: Sendable, Equatable {
        /// An `ignore` rule that matches.
        case protects
        /// An `ignore` rule that reads metadata, of which the operation has none.
        case protectsUnknown
        /// The first that matches of those that protect nothing.
        case decides
        /// It matches after the one that decides.
        case comesLater
        /// It matches, and another rule protects the operation.
        case isOverruled
        case doesNotMatch

        /// Whether it keeps the operation from whatever the others say.
        package var isProtection: Bool {
            switch self {
            case .protects, .protectsUnknown: true
            case .decides, .comesLater, .isOverruled, .doesNotMatch: false
            }
        }
    }
}
