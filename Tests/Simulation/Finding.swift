/// One rule that was found broken.
struct Finding: Sendable {
    let rule: RuleName
    /// See `Violation.story`.
    let story: String

    init(_ rule: RuleName, _ story: String) {
        self.rule = rule
        self.story = story
    }
}
