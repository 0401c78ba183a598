/// Gathers the problems of one file.
///
/// A class, because whatever reads or checks a part of the file adds to the one list; it lives no
/// longer than that and never leaves its task.
final class ProblemList {
    /// More problems than a person would read at once; the rest is counted.
    static let problemsMax = 1_000

    let file: String
    private(set) var hasErrors = false
    private var found: [PolicyProblem] = []
    private var leftOut = 0

    init(file: String) {
        self.file = file
    }

    func error(_ message: String, at mark: Mark) {
        hasErrors = true
        add(.error, message, at: mark)
    }

    func warning(_ message: String, at mark: Mark) {
        add(.warning, message, at: mark)
    }

    /// By line and column; of one place in the order in which they were found.
    var inFileOrder: [PolicyProblem] {
        var sorted = found.enumerated().sorted { left, right in
            (left.element.line, left.element.column, left.offset)
                < (right.element.line, right.element.column, right.offset)
        }.map(\.element)
        if leftOut > 0, let last = sorted.last {
            sorted.append(
                PolicyProblem(
                    severity: hasErrors ? .error : .warning, file: file, line: last.line,
                    column: last.column, message: "\(leftOut) more problems are not listed"))
        }
        return sorted
    }

    private func add(_ severity: PolicyProblem.Severity, _ message: String, at mark: Mark) {
        guard found.count < Self.problemsMax else {
            leftOut += 1
            return
        }
        found.append(
            PolicyProblem(
                severity: severity, file: file, line: mark.line, column: mark.column,
                message: message))
    }
}
