/// Refuses the second entry of a list with the same name.
struct UniqueNames {
    /// What the list is of, e.g. `services`.
    private let entries: String
    private let problems: ProblemList
    private var lineOfName: [String: Int] = [:]

    init(of entries: String, problems: ProblemList) {
        self.entries = entries
        self.problems = problems
    }

    mutating func insert(_ name: Located<String>) {
        guard let line = lineOfName[name.value] else {
            lineOfName[name.value] = name.mark.line
            return
        }
        problems.error(
            "two \(entries) are named \(name.value.quoted); the first is on line \(line)",
            at: name.mark)
    }
}
