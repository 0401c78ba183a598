import FilterLanguage
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

    /// The name in a message.
    var label: String { name.map { "rule \($0.value.quoted)" } ?? "a rule" }
}

extension PolicyReader {
    private static let ruleKeys = [
        "name", "services", "match", "timeouts", "warn_before", "action",
    ]
    private static let durations: ClosedRange<Duration> = .seconds(1) ... .seconds(366 * 86_400)

    /// Every entry of `rules:`, in order.
    mutating func readRules(_ entry: Section.Entry, of services: [ServiceDraft]) -> [RuleDraft] {
        var drafts: [RuleDraft] = []
        var lineOfName: [String: Int] = [:]
        var positionOfService: [String: Int] = [:]
        for (position, service) in services.enumerated() {
            guard let name = service.name?.value, positionOfService[name] == nil else { continue }
            positionOfService[name] = position
        }
        for node in list(entry, of: "rules") ?? [] {
            let draft = readRule(node, services: positionOfService)
            if let name = draft.name {
                if let line = lineOfName[name.value] {
                    problems.error(
                        "two rules are named \(name.value.quoted); the first is on line \(line)",
                        at: name.mark)
                } else {
                    lineOfName[name.value] = name.mark.line
                }
            }
            drafts.append(draft)
        }
        return drafts
    }

    private mutating func readRule(_ node: YAMLNode, services: [String: Int]) -> RuleDraft {
        var draft = RuleDraft(mark: node.mark)
        guard let section = section(node, "a rule", keys: Self.ruleKeys) else {
            draft.areServicesKnown = false
            return draft
        }
        draft.name = name(section, of: "a rule")
        readRuleServices(section, known: services, into: &draft)
        readMatch(section, into: &draft)
        if let timeouts = section["timeouts"] { draft.timeouts = readTimeouts(timeouts) }
        let warnBefore = section["warn_before"].flatMap { duration($0, in: Self.durations) }
        if let action = section["action"] {
            draft.action = word(action, of: Action.self)
                .map { Located(value: $0, mark: action.value.mark) }
        } else {
            problems.error(
                "\(draft.label) needs an action: cancel, warn or ignore", at: section.mark)
        }
        checkAction(of: draft, section, warnBefore: warnBefore)

        guard let name = draft.name, let action = draft.action else { return draft }
        var timeouts = Timeouts()
        for (clock, limit) in draft.timeouts { timeouts.set(clock, to: limit.value) }
        draft.rule = Rule(
            name: name.value, services: draft.services, match: draft.match?.filter,
            timeouts: timeouts, warnBefore: warnBefore?.value, action: action.value)
        return draft
    }

    private mutating func readRuleServices(
        _ section: Section, known: [String: Int], into draft: inout RuleDraft
    ) {
        guard let entry = section["services"] else { return }
        guard let nodes = list(entry, of: "service names") else {
            draft.areServicesKnown = false
            return
        }
        if nodes.isEmpty {
            problems.error(
                "services must not be empty; leave it out for all services", at: entry.value.mark)
            draft.areServicesKnown = false
        }
        var positions: Set<Int> = []
        for node in nodes {
            guard let scalar = scalar(node, label: "a service name") else {
                draft.areServicesKnown = false
                continue
            }
            guard let position = known[scalar.text] else {
                draft.areServicesKnown = false
                let names = known.keys.sorted()
                problems.error(
                    "unknown service \(scalar.text.quoted); \(listed(names))"
                        + didYouMean(scalar.text, in: names), at: node.mark)
                continue
            }
            if !positions.insert(position).inserted {
                problems.error("service \(scalar.text.quoted) is listed twice", at: node.mark)
            }
        }
        draft.services = positions.sorted()
    }

    private func listed(_ names: [String]) -> String {
        let shownMax = 10
        if names.isEmpty { return "the policy has no services" }
        let more = names.count > shownMax ? " and \(names.count - shownMax) more" : ""
        return "the policy has " + names.prefix(shownMax).joined(separator: ", ") + more
    }

    private mutating func readMatch(_ section: Section, into draft: inout RuleDraft) {
        guard let entry = section["match"] else {
            draft.matchesEverything = true
            return
        }
        guard let match = expression(entry) else { return }
        checkPlainness(of: match)
        draft.match = match
        draft.matchesEverything = match.filter.matchesEverything
    }

    private mutating func readTimeouts(
        _ entry: Section.Entry
    ) -> [(clock: Clock, limit: Located<Duration>)] {
        let keys = Clock.allCases.map(\.description)
        guard let section = section(entry.value, "timeouts", prefix: "timeouts.", keys: keys)
        else { return [] }
        if case .mapping(let entries) = entry.value.content, entries.isEmpty {
            problems.error(
                "timeouts must not be empty; set at least one of \(oneOf(keys))",
                at: entry.value.mark)
        }
        return Clock.allCases.compactMap { clock in
            section[clock.description]
                .flatMap { duration($0, in: Self.durations) }
                .map { (clock, $0) }
        }
    }

    /// What an action needs and what it has no use for.
    private mutating func checkAction(
        of draft: RuleDraft, _ section: Section, warnBefore: Located<Duration>?
    ) {
        guard let action = draft.action else { return }
        if action.value != .ignore, section["timeouts"] == nil {
            problems.error(
                "\(draft.label) has action \(action.value.rawValue) and needs timeouts",
                at: action.mark)
        }
        if action.value != .cancel, let entry = section["warn_before"] {
            problems.error(
                "warn_before is for rules with action cancel, not \(action.value.rawValue)",
                at: entry.keyMark)
        }
        switch action.value {
        case .cancel:
            checkCancel(draft, section, action: action.mark, warnBefore: warnBefore)
        case .warn:
            break
        case .ignore:
            if let entry = section["timeouts"] {
                problems.error(
                    "timeouts has no effect in a rule with action ignore", at: entry.keyMark)
            }
            if let match = draft.match { warnOfNotEqual(in: match) }
        }
    }

    private mutating func checkCancel(
        _ draft: RuleDraft, _ section: Section, action: Mark, warnBefore: Located<Duration>?
    ) {
        if section["match"] == nil {
            problems.error(
                "\(draft.label) has action cancel and needs a match; "
                    + "'name:*' takes every operation", at: action)
        }
        if section["warn_before"] == nil {
            problems.warning(
                "\(draft.label) cancels without a warning; warn_before gives people notice",
                at: action)
        }
        guard let warnBefore else { return }
        guard let shortest = draft.timeouts.min(by: { $0.limit.value < $1.limit.value }) else {
            return
        }
        if warnBefore.value >= shortest.limit.value {
            problems.error(
                "warn_before must be shorter than the rule's shortest timeout (\(shortest.clock) "
                    + "\(describe(shortest.limit.value)))", at: warnBefore.mark)
        }
    }
}

extension Timeouts {
    fileprivate mutating func set(_ clock: Clock, to limit: Duration) {
        switch clock {
        case .total: total = limit
        case .queued: queued = limit
        case .running: running = limit
        case .stalled: stalled = limit
        }
    }
}
