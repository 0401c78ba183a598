/// Reads mappings, lists, texts and words wherever they stand in the file.
///
/// What is nil was reported.
struct ValueReader {
    let problems: ProblemList

    // MARK: What holds others

    /// Takes a mapping whose keys are known; reports every unknown and every doubled one.
    ///
    /// - Parameters:
    ///   - what: the mapping in a message, e.g. `a rule`.
    ///   - prefix: what stands before a key in a message, e.g. `timeouts.`.
    func section(
        _ node: YAMLNode, _ what: String, prefix: String = "", keys: [String]
    ) -> Section? {
        switch node.content {
        case .mapping(let entries):
            return Section(
                mark: node.mark,
                entries: known(entries, of: what, prefix: prefix, keys: keys))
        case .scalar(let scalar):
            let found = scalar.isNull ? "empty" : scalar.text.quoted
            problems.error(
                "\(what) must be a mapping of keys, not \(found); "
                    + "keys: \(keys.joined(separator: ", "))", at: node.mark)
            return nil
        case .sequence:
            problems.error(
                "\(what) must be a mapping of keys, not a list; "
                    + "keys: \(keys.joined(separator: ", "))", at: node.mark)
            return nil
        case .refused:
            return nil
        }
    }

    private func known(
        _ entries: [YAMLEntry], of what: String, prefix: String, keys: [String]
    ) -> [String: Section.Entry] {
        var known: [String: Section.Entry] = [:]
        for entry in entries {
            guard keys.contains(entry.key) else {
                let question = NearestWord.question(for: entry.key, in: keys) ?? ";"
                problems.error(
                    "unknown key \(entry.key.quoted) in \(what)\(question) "
                        + "allowed: \(keys.joined(separator: ", "))", at: entry.keyMark)
                continue
            }
            if let first = known[entry.key] {
                problems.error(
                    "key \(entry.key.quoted) is given twice; first on line "
                        + "\(first.keyMark.line)", at: entry.keyMark)
                continue
            }
            known[entry.key] = Section.Entry(
                label: prefix + entry.key, keyMark: entry.keyMark, value: entry.value)
        }
        return known
    }

    /// The items of a list.
    func list(_ entry: Section.Entry, of items: String) -> [YAMLNode]? {
        switch entry.value.content {
        case .sequence(let nodes):
            return nodes
        case .scalar(let scalar):
            let found = scalar.isNull ? "empty" : scalar.text.quoted
            problems.error(
                "\(entry.label) must be a list of \(items), not \(found)", at: entry.value.mark)
            return nil
        case .mapping:
            problems.error(
                "\(entry.label) must be a list of \(items), not a mapping", at: entry.value.mark)
            return nil
        case .refused:
            return nil
        }
    }

    // MARK: What stands alone

    /// A text, a number or a word; reports lists, mappings and nothing at all.
    func scalar(_ entry: Section.Entry) -> YAMLScalar? {
        scalar(entry.value, label: entry.label)
    }

    /// As above, for an item of a list.
    func scalar(_ node: YAMLNode, label: String) -> YAMLScalar? {
        switch node.content {
        case .scalar(let scalar) where scalar.isNull:
            problems.error("\(label) has no value", at: node.mark)
            return nil
        case .scalar(let scalar):
            return scalar
        case .sequence, .mapping:
            problems.error("\(label) must be a single value, not \(node.kind)", at: node.mark)
            return nil
        case .refused:
            return nil
        }
    }

    /// One of the words of an enum.
    func word<Word>(_ entry: Section.Entry, of words: Word.Type) -> Word?
    where Word: CaseIterable & RawRepresentable, Word.RawValue == String {
        guard let scalar = scalar(entry) else { return nil }
        if let word = Word(rawValue: scalar.text) { return word }
        let allowed = Word.allCases.map(\.rawValue)
        problems.error(
            "\(entry.label) must be \(allowed.alternatives), not \(scalar.text.quoted)"
                + (NearestWord.question(for: scalar.text, in: allowed) ?? ""),
            at: entry.value.mark)
        return nil
    }

    /// `true` or `false`; none of the other words of older YAML.
    func boolean(_ entry: Section.Entry) -> Bool? {
        guard let scalar = scalar(entry) else { return nil }
        switch scalar.text {
        case "true": return true
        case "false": return false
        default:
            problems.error(
                "\(entry.label) must be true or false, not \(scalar.text.quoted)",
                at: entry.value.mark)
            return nil
        }
    }

    /// A label for people that is safe everywhere: `[A-Za-z0-9._-]`, 1 to 64 of them.
    func name(_ section: Section, of what: String) -> Located<String>? {
        guard let entry = section["name"] else {
            problems.error("\(what) needs a name", at: section.mark)
            return nil
        }
        guard let scalar = scalar(entry) else { return nil }
        let isValid =
            (1...64).contains(scalar.text.utf8.count)
            && scalar.text.utf8.allSatisfy { $0.isAlphanumeric || "._-".utf8.contains($0) }
        guard isValid else {
            problems.error(
                "a name has 1 to 64 of the characters A-Z a-z 0-9 . _ -, not "
                    + scalar.text.quoted, at: entry.value.mark)
            return nil
        }
        return Located(value: scalar.text, mark: entry.value.mark)
    }
}
