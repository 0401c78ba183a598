/// One Swift file, as text and as code without comments and the contents of strings.
struct SwiftSource: Sendable {
    /// Relative to the repository.
    let path: String
    let text: String
    let lines: [String]
    /// Line by line like `lines`, with blanks where a comment or a string stood.
    let code: [String]
    /// Whether the last comment or string ends before the file does.
    let isReadToTheEnd: Bool

    init(path: String, text: String) {
        self.path = path
        self.text = text
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        var scanner = CodeScanner(text)
        let scanned = scanner.scan()
        code = scanned.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        isReadToTheEnd = scanner.isAtRest
    }

    /// The second folder: `Sources/TARGET/…`.
    var target: String { String(path.split(separator: "/").dropFirst().first ?? "") }

    var name: String { String(path.split(separator: "/").last ?? "") }
}
