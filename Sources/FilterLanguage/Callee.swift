/// The function that a call names, and the field that may stand in front of its name.
struct Callee {
    let function: FilterFunction
    /// The first argument of `FIELD.endsWith("TEXT")`; nil where all stand in the parentheses.
    let field: Member?

    /// - Parameters:
    ///   - member: what stands in front of the parentheses.
    ///   - functions: those that may be called; their names may have dots of their own.
    init(_ member: Member, among functions: [FilterFunction]) throws(FilterError) {
        let isUnquoted = member.names.allSatisfy { $0.kind == .text }
        let name = member.dotted
        if isUnquoted, let function = functions.first(where: { $0.name == name }) {
            (self.function, field) = (function, nil)
            return
        }
        let last = member.last
        let known = functions.map(\.name).joined(separator: " or ")
        guard last.kind == .text else {
            throw FilterError(
                offset: last.range.lowerBound, message: "a function's name stands without quotes",
                expected: known)
        }
        guard let field = member.parent,
            let function = functions.first(where: { $0.name == last.text })
        else {
            throw FilterError(
                offset: member.offset,
                message: "unknown function `\((isUnquoted ? name : last.text).prefix(40))`",
                expected: known, suggestion: Self.suggestion(for: last.text, among: functions))
        }
        (self.function, self.field) = (function, field)
    }

    /// What may be meant by the name of a function that does not exist.
    private static func suggestion(
        for name: String, among functions: [FilterFunction]
    ) -> String? {
        let plain = plain(name)
        if plain == "not" { return "write NOT (" }
        if ["and", "or"].contains(plain) { return "write \(plain.uppercased()) and a space" }
        if let near = functions.first(where: { Self.plain($0.name) == plain }) {
            return "write \(near.name)"
        }
        return ["contains", "has", "exists", "includes"].contains(plain) ? "write FIELD:TEXT" : nil
    }

    /// Names that differ only in case and underscores are often taken for one another.
    private static func plain(_ name: String) -> String {
        name.lowercased().filter { $0 != "_" }
    }
}
