/// A literal without a comparator, which was perhaps to be something else.
struct BareWord {
    let literal: Literal
    /// What its writer most likely wanted.
    let advice: FilterAdvice

    /// - Parameters:
    ///   - member: stands alone, with neither a comparator nor a `(` behind it.
    ///   - next: the token behind it.
    init(_ member: Member, before next: Token) throws(FilterError) {
        try Self.requireNoOperator(member)
        literal = try Spelling(member).literal(behind: .has)
        let text = Self.shown(literal)
        advice = .bareLiteral(
            offset: member.offset, text: text,
            suggestion: Self.suggestion(for: text, member, before: next))
    }

    /// Refuses `and`, `or` and `not`, which are operators only in capitals.
    private static func requireNoOperator(_ member: Member) throws(FilterError) {
        let operators = ["and": "AND", "or": "OR", "not": "NOT"]
        guard let word = member.loneWord, let keyword = operators[word.lowercased()] else { return }
        throw FilterError(
            offset: member.offset, message: "`\(word)` is not an operator",
            suggestion: "write \(keyword), or \"\(word)\" for the word")
    }

    /// What the word most likely was to be; a field's name often lacks its comparison.
    private static func suggestion(
        for text: String, _ member: Member, before next: Token
    ) -> String {
        let orName = ", or name:\(text) to look into the operation's name"
        if member.loneWord != nil, let comparator = comparatorWords[text.lowercased()] {
            return "write \(comparator) to compare" + orName
        }
        guard member.first.kind == .text, OperationField(rawValue: member.first.text) != nil else {
            return "write FIELD = VALUE" + orName
        }
        if text == "done" { return "write done = true" + orName }
        if let value = value(next) { return "write \(text) = \(value)" }
        return "write \(text):* to ask whether it is there, or \(text) = VALUE"
    }

    /// The next word, if it reads like the value of a comparison without its sign.
    private static func value(_ next: Token) -> String? {
        guard next.isName, next.keyword == nil, comparatorWords[next.text.lowercased()] == nil
        else { return nil }
        return shown(Literal(text: next.text, isQuoted: next.kind == .string))
    }

    /// As printed, and not endless.
    private static func shown(_ literal: Literal) -> String {
        let shownMax = 40
        let text = literal.printed
        return text.count > shownMax ? text.prefix(shownMax) + "…" : text
    }

    /// What other languages have in place of the signs.
    private static let comparatorWords = [
        "is": "=", "eq": "=", "equals": "=", "in": "FIELD = (a OR b)", "like": "= with a *",
        "matches": "= with a *", "contains": ":", "has": ":", "ne": "!=", "lt": "<", "le": "<=",
        "gt": ">", "ge": ">=",
    ]
}
