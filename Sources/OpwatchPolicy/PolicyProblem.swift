/// One thing that is wrong with a policy file, and where.
package struct PolicyProblem: Sendable, Equatable, CustomStringConvertible {
    /// What a problem does to the file.
    package enum Severity: String, Sendable {
        /// The file is refused.
        case error
        /// The file is accepted; the author may not have meant it so.
        case warning
    }

    /// Whether the file is refused for it.
    package let severity: Severity
    /// The path as given to the reader.
    package let file: String
    /// Counts from 1.
    package let line: Int
    /// Counts Unicode scalars of the line from 1.
    package let column: Int
    /// One line: what is wrong, with which value, and what is allowed.
    package let message: String

    /// A problem at a place of a file.
    package init(severity: Severity, file: String, line: Int, column: Int, message: String) {
        self.severity = severity
        self.file = file
        self.line = line
        self.column = column
        self.message = message
    }

    /// `FILE:LINE:COL: error: MESSAGE`, the form that editors jump to.
    package var description: String {
        "\(file):\(line):\(column): \(severity.rawValue): \(message)"
    }
}
