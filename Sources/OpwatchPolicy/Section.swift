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
    private let entries: [String: Entry]

    init(mark: Mark, entries: [String: Entry]) {
        self.mark = mark
        self.entries = entries
    }

    /// Nil when the key is absent.
    subscript(key: String) -> Entry? { entries[key] }
}
