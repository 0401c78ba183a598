/// The keys of one mapping of the policy, looked up by name.
struct Section {
    /// One key, with the name that messages give it, e.g. `timeouts.total`.
    struct Entry {
        let label: String
        let keyMark: Mark
        let value: YAMLNode
    }

    /// Where the mapping begins: the place of what is missing in it.
    let mark: Mark
    fileprivate var entries: [String: Entry] = [:]

    /// Nil when the key is absent.
    subscript(key: String) -> Entry? { entries[key] }
}

extension PolicyReader {
    /// Takes a mapping whose keys are known; reports every unknown and every doubled one.
    ///
    /// - Parameters:
    ///   - what: the mapping in a message, e.g. `a rule`.
    ///   - prefix: what stands before a key in a message, e.g. `timeouts.`.
    /// - Returns: nil, after a report, where no mapping stands.
    mutating func section(
        _ node: YAMLNode, _ what: String, prefix: String = "", keys: [String]
    ) -> Section? {
        switch node.content {
        case .mapping(let entries):
            var section = Section(mark: node.mark)
            for entry in entries {
                guard keys.contains(entry.key) else {
                    reportUnknown(entry, in: what, keys: keys)
                    continue
                }
                if let first = section.entries[entry.key] {
                    problems.error(
                        "key \(entry.key.quoted) is given twice; first on line "
                            + "\(first.keyMark.line)", at: entry.keyMark)
                    continue
                }
                section.entries[entry.key] = Section.Entry(
                    label: prefix + entry.key, keyMark: entry.keyMark, value: entry.value)
            }
            return section
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

    private mutating func reportUnknown(_ entry: YAMLEntry, in what: String, keys: [String]) {
        let nearest = NearestWord.of(entry.key, in: keys).map { "; did you mean \"\($0)\"?" } ?? ";"
        problems.error(
            "unknown key \(entry.key.quoted) in \(what)\(nearest) "
                + "allowed: \(keys.joined(separator: ", "))", at: entry.keyMark)
    }
}
