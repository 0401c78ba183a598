import FilterLanguage
import OpwatchCore

/// Reads `rules:`.
struct RulesReader {
    private static let keys = [
        "name", "services", "match", "timeouts", "warn_before", "action",
    ]
    private static let durations: ClosedRange<Duration> = .seconds(1) ... .seconds(366 * 86_400)

    private let problems: ProblemList
    private let values: ValueReader
    private let quantities: QuantityReader
    /// Of two services of one name the first, as the second was reported.
    private let positionOfService: [String: Int]

    /// - Parameter services: all that the rules may name.
    init(services: [ServiceDraft], problems: ProblemList) {
        self.problems = problems
        values = ValueReader(problems: problems)
        quantities = QuantityReader(problems: problems)
        let positions = services.enumerated().compactMap { position, service in
            service.name.map { ($0.value, position) }
        }
        positionOfService = Dictionary(positions) { first, _ in first }
    }

    /// Every entry, in order.
    func read(_ entry: Section.Entry) -> [RuleDraft] {
        var drafts: [RuleDraft] = []
        var names = UniqueNames(of: "rules", problems: problems)
        for node in values.list(entry, of: "rules") ?? [] {
            let draft = readRule(node)
            if let name = draft.name { names.insert(name) }
            drafts.append(draft)
        }
        return drafts
    }

    private func readRule(_ node: YAMLNode) -> RuleDraft {
        var draft = RuleDraft(mark: node.mark)
        guard let section = values.section(node, "a rule", keys: Self.keys) else {
            draft.areServicesKnown = false
            return draft
        }
        draft.name = values.name(section, of: "a rule")
        readServices(section, into: &draft)
        readMatch(section, into: &draft)
        if let timeouts = section["timeouts"] { draft.timeouts = readTimeouts(timeouts) }
        let warnBefore = section["warn_before"].flatMap {
            quantities.duration($0, in: Self.durations)
        }
        if let action = section["action"] {
            draft.action = values.word(action, of: Action.self)
                .map { Located(value: $0, mark: action.value.mark) }
        } else {
            problems.error(
                "\(draft.label) needs an action: cancel, warn or ignore", at: section.mark)
        }
        ActionCheck(problems: problems).check(draft, section, warnBefore: warnBefore)

        guard let name = draft.name, let action = draft.action else { return draft }
        var timeouts = Timeouts()
        for (clock, limit) in draft.timeouts { timeouts.set(clock, to: limit.value) }
        draft.rule = Rule(
            name: name.value, services: draft.services, match: draft.match?.filter,
            timeouts: timeouts, warnBefore: warnBefore?.value, action: action.value)
        return draft
    }

    private func readServices(_ section: Section, into draft: inout RuleDraft) {
        guard let entry = section["services"] else { return }
        guard let nodes = values.list(entry, of: "service names") else {
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
            guard let scalar = values.scalar(node, label: "a service name") else {
                draft.areServicesKnown = false
                continue
            }
            guard let position = positionOfService[scalar.text] else {
                draft.areServicesKnown = false
                refuseUnknown(scalar.text, at: node.mark)
                continue
            }
            if !positions.insert(position).inserted {
                problems.error("service \(scalar.text.quoted) is listed twice", at: node.mark)
            }
        }
        draft.services = positions.sorted()
    }

    private func refuseUnknown(_ service: String, at mark: Mark) {
        let shownMax = 10
        let known = positionOfService.keys.sorted()
        let more = known.count > shownMax ? " and \(known.count - shownMax) more" : ""
        let listed =
            known.isEmpty
            ? "no services" : known.prefix(shownMax).joined(separator: ", ") + more
        problems.error(
            "unknown service \(service.quoted); the policy has \(listed)"
                + (NearestWord.question(for: service, in: known) ?? ""), at: mark)
    }

    private func readMatch(_ section: Section, into draft: inout RuleDraft) {
        guard let entry = section["match"] else {
            draft.matchesEverything = true
            return
        }
        draft.match = ExpressionReader(problems: problems).match(entry)
        draft.matchesEverything = draft.match?.filter.matchesEverything ?? false
    }

    private func readTimeouts(
        _ entry: Section.Entry
    ) -> [(clock: Clock, limit: Located<Duration>)] {
        let keys = Clock.allCases.map(\.description)
        let section = values.section(entry.value, "timeouts", prefix: "timeouts.", keys: keys)
        guard let section else { return [] }
        if case .mapping(let entries) = entry.value.content, entries.isEmpty {
            problems.error(
                "timeouts must not be empty; set at least one of \(keys.alternatives)",
                at: entry.value.mark)
        }
        return Clock.allCases.compactMap { clock in
            section[clock.description]
                .flatMap { quantities.duration($0, in: Self.durations) }
                .map { (clock, $0) }
        }
    }
}
