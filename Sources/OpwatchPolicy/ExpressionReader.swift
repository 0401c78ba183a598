import FilterLanguage

/// Reads filter expressions, each as strictly as its key asks for.
///
/// What is nil was reported.
struct ExpressionReader {
    let problems: ProblemList
    private var values: ValueReader { ValueReader(problems: problems) }

    /// `match:` of a rule, which must say things more plainly than the language asks for.
    func match(_ entry: Section.Entry) -> Expression? {
        guard let match = expression(entry) else { return nil }
        for advice in match.filter.advice {
            switch advice {
            case .mixedAndOr(let offset):
                problems.error(
                    "match: AND mixed with OR needs parentheses; without them OR binds tighter",
                    at: match.mark(ofByte: offset))
            case .bareLiteral(let offset, let text, let suggestion):
                problems.error(
                    "match: the bare \(text) needs a field; \(suggestion)",
                    at: match.mark(ofByte: offset))
            case .notEqualOnPath:
                continue
            }
        }
        return match
    }

    /// `filter:` of a service; warns of what is legal and probably meant otherwise.
    ///
    /// - Parameter proof: of the file; what it has no steps left for is not found out.
    func filter(_ entry: Section.Entry, proof: inout FilterProof) -> Expression? {
        guard let filter = expression(entry) else { return nil }
        for advice in filter.filter.advice {
            if case .notEqualOnPath = advice { continue }
            problems.warning("filter: \(advice)", at: filter.mark(ofByte: advice.offset))
        }
        if let conflict = proof.conflict(in: filter.filter) {
            problems.warning(
                "filter: no running operation passes it: \(conflict)", at: filter.mark)
        }
        return filter
    }

    /// An expression that is not empty.
    private func expression(_ entry: Section.Entry) -> Expression? {
        guard let scalar = values.scalar(entry) else { return nil }
        if scalar.text.allSatisfy(\.isWhitespace) {
            problems.error(
                "\(entry.label) must not be empty; 'name:*' takes every operation",
                at: entry.value.mark)
            return nil
        }
        do {
            return Expression(
                filter: try Filter(parsing: scalar.text), scalar: scalar, mark: entry.value.mark)
        } catch {
            problems.error(
                "\(entry.label): \(error.explanation)",
                at: scalar.mark(ofByte: error.offset, from: entry.value.mark))
            return nil
        }
    }
}
