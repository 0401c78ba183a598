/// Why a policy file is refused: everything that is wrong with it, at once.
package struct PolicyErrors: Error, Equatable, CustomStringConvertible {
    /// At least one error, and the warnings too, in the order of the file.
    package let problems: [PolicyProblem]

    /// These problems, of which one is an error.
    package init(problems: [PolicyProblem]) {
        self.problems = problems
    }

    /// One problem a line.
    package var description: String {
        problems.map(\.description).joined(separator: "\n")
    }
}
