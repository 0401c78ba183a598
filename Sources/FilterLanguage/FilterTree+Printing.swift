/// Writing a tree as an expression that reads back as the same tree.
extension FilterTree {
    /// The canonical text: AND spelled out, parentheses around every group.
    var text: String {
        switch self {
        case .everything: ""
        case .all(let members): members.map(\.memberText).joined(separator: " AND ")
        case .any(let members): Self.alternatives(members).joined(separator: " OR ")
        case .not(let inner): "NOT " + (inner.isNegation ? "(\(inner.text))" : inner.memberText)
        case .comparison(let comparison): comparison.text
        case .call(let call): call.text
        case .word(let literal): literal.printed
        }
    }

    /// The text inside an AND, OR or NOT.
    private var memberText: String { isGroup ? "(" + text + ")" : text }

    /// Whether it needs parentheses inside an AND, OR or NOT.
    private var isGroup: Bool {
        switch self {
        case .all: true
        case .any(let members): Self.runs(of: members).count > 1
        case .everything, .not, .comparison, .call, .word: false
        }
    }

    /// A second negation of a term needs parentheses.
    private var isNegation: Bool {
        if case .not = self { true } else { false }
    }

    /// How many groups the canonical text has inside one another.
    var nesting: Int {
        switch self {
        case .all(let members): members.map(\.memberNesting).max() ?? 0
        case .any(let members):
            Self.runs(of: members).map { $0.count > 1 ? 1 : $0[0].memberNesting }.max() ?? 0
        case .not(let inner): inner.memberNesting + (inner.isNegation ? 1 : 0)
        case .everything, .comparison, .call, .word: 0
        }
    }

    private var memberNesting: Int { nesting + (isGroup ? 1 : 0) }

    // MARK: Values in parentheses

    /// The members of an OR; values of one field that follow one another stand in parentheses,
    /// as a long list would outgrow the limit with the field's path in front of each.
    private static func alternatives(_ members: [FilterTree]) -> [String] {
        runs(of: members).map { run in
            guard run.count > 1, case .comparison(let first) = run[0] else {
                return run[0].memberText
            }
            let values = run.map { member in
                if case .comparison(let next) = member { next.literal.printed } else { "" }
            }
            return first.text(ofValue: "(" + values.joined(separator: " OR ") + ")")
        }
    }

    /// The members in their order, those together that differ in nothing but the value.
    private static func runs(of members: [FilterTree]) -> [[FilterTree]] {
        var runs: [[FilterTree]] = []
        var start = 0
        for index in members.indices where !sharesField(members, start, index + 1) {
            runs.append(Array(members[start...index]))
            start = index + 1
        }
        return runs
    }

    private static func sharesField(_ members: [FilterTree], _ first: Int, _ next: Int) -> Bool {
        guard next < members.count, case .comparison(let first) = members[first],
            case .comparison(let next) = members[next]
        else { return false }
        return first.comparator.takesGroups && first.comparator == next.comparator
            && first.path == next.path
    }
}
