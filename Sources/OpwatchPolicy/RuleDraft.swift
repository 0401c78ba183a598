import OpwatchCore

/// A `rules[]` entry as far as it could be read; what is nil was reported or left out.
struct RuleDraft {
    /// Where the entry begins.
    let mark: Mark
    var name: Located<String>?
    /// Positions in `services:`; nil for all of them.
    var services: [Int]?
    /// Whether every service that it names exists.
    var areServicesKnown = true
    var match: Expression?
    /// Whether nothing narrows the rule down: no `match`, or one that matches everything.
    var matchesEverything = false
    var timeouts: [(clock: Clock, limit: Located<Duration>)] = []
    var action: Located<Action>?
    /// Set unless something is missing; never nil in a file without errors.
    var rule: Rule?

    init(mark: Mark) {
        self.mark = mark
    }

    // MARK: In messages

    /// The name.
    var label: String { name.map { "rule \($0.value.quoted)" } ?? "a rule" }

    /// The rule where the message is placed elsewhere.
    var placed: String { "\(label) (line \(mark.line))" }

    // MARK: What it does

    var isIgnore: Bool { action?.value == .ignore }

    /// Whether what it matches could be read.
    var hasMatch: Bool { matchesEverything || match != nil }

    /// Whether it ignores all that the other one does.
    func protects(as other: RuleDraft) -> Bool {
        guard isIgnore else { return false }
        return matchesEverything || (match != nil && match?.filter == other.match?.filter)
    }

    // MARK: Its services

    /// Whether it looks at the service of this position.
    func applies(to service: Int) -> Bool {
        services?.contains(service) ?? true
    }

    /// Those of the policy's services that it looks at.
    func chosen(from all: [ServiceDraft]) -> [ServiceDraft] {
        services.map { $0.map { all[$0] } } ?? all
    }

    /// Whether it looks at every service that the other looks at.
    func coversServices(of other: RuleDraft, serviceCount: Int) -> Bool {
        guard let services else { return true }
        guard let others = other.services else {
            return serviceCount > 0 && services.count == serviceCount
        }
        return Set(services).isSuperset(of: others)
    }

    /// Whether there is a service that both look at.
    func overlaps(_ other: RuleDraft) -> Bool {
        guard let mine = services, let theirs = other.services else { return true }
        return !Set(mine).isDisjoint(with: theirs)
    }
}
