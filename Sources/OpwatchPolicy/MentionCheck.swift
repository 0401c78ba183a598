import FilterLanguage
import OpwatchCore
import WireFormat

/// Fields that expressions name, against those that an operation can have.
struct MentionCheck {
    /// The fields of every operation.
    private static let ofEvery = OperationField.allCases.map(\.rawValue)
    /// What APIs with fields of their own have beside those; a done one is told by it.
    private static let ofMany = ["status", "state"]
    /// A shorter word may be a field of its own that only looks like another: `zone` is not `done`.
    private static let lettersOfMisspelling = 6

    /// What the first word of a path is to the services that an expression is for.
    private enum Meaning {
        case known
        /// No operation of theirs has it.
        case impossible
        /// Their APIs may have it: nobody has said.
        case unheardOf
    }

    let problems: ProblemList

    /// Refuses rules that read what no operation has, and warns of what only some API may have.
    func check(_ rules: [RuleDraft], services: [ServiceDraft]) {
        for rule in rules where rule.areServicesKnown {
            guard let match = rule.match else { continue }
            check(match, label: "match", of: rule.chosen(from: services))
        }
        for service in services {
            guard let filter = service.filter else { continue }
            check(filter, label: "filter", of: [service], isRule: false)
        }
    }

    /// Tells of each first word once.
    private func check(
        _ expression: Expression, label: String, of services: [ServiceDraft], isRule: Bool = true
    ) {
        // A service whose fields were refused could have any.
        guard services.allSatisfy({ $0.fields != nil }) else { return }
        var told: Set<String> = []
        for mention in expression.filter.mentions {
            guard let first = mention.path.segments.first else { continue }
            let meaning = meaning(of: first, to: services)
            guard meaning != .known, told.insert(first.text).inserted else { continue }
            let advice = "did you mean \(proposal(for: mention.path).quoted)?"
            let mark = expression.mark(ofByte: mention.offset)
            if meaning == .impossible, isRule {
                problems.error(
                    "\(label): an operation has no field \(first.text.quoted); \(advice)", at: mark)
            } else {
                problems.warning(
                    "\(label): \(first.text.quoted) is none of the fields of every operation "
                        + "(\(Self.ofEvery.joined(separator: ", "))); \(advice)", at: mark)
            }
        }
    }

    private func meaning(of word: FieldSegment, to services: [ServiceDraft]) -> Meaning {
        if Self.ofEvery.contains(word.text) { return .known }
        let own = services.filter(\.isOwn)
        let named = own.flatMap { $0.fields?.all ?? [] }.compactMap(\.segments.first)
        let isNamed = named.contains { $0.isSpelled(like: word) }
        if isNamed || (!own.isEmpty && Self.ofMany.contains(word.text)) { return .known }
        let isMisspelt =
            word.text.unicodeScalars.count >= Self.lettersOfMisspelling
            && NearestWord.of(word.text, in: Self.ofEvery) != nil
        let areBuiltIn = own.isEmpty && !services.isEmpty
        return areBuiltIn || isMisspelt ? .impossible : .unheardOf
    }

    /// The path with its first word mended, or below `metadata`, where APIs keep what is theirs.
    private func proposal(for path: FieldPath) -> String {
        let word = path.segments.first?.text ?? ""
        let nearest = NearestWord.of(word, in: Self.ofEvery).map { FieldSegment($0) }
        let rest = nearest == nil ? path.segments[...] : path.segments.dropFirst()
        return FieldPath(segments: [nearest ?? FieldSegment("metadata")] + rest).description
    }
}
