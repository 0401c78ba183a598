@testable import OpwatchReports
@testable import OpwatchSystemd

extension JournalEntry {
    /// `"5 text"`: a priority and a message; what has no priority is an error.
    init(shorthand: String) {
        let priority = shorthand.first?.wholeNumberValue.flatMap(Priority.init(rawValue:))
        self.init(priority ?? .error, String(shorthand.dropFirst(2)))
    }
}
