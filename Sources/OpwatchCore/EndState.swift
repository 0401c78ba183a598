/// Words by which APIs without `done` say that an operation is over.
enum EndState {
    private static let words: Set<String> = [
        "DONE", "SUCCEEDED", "SUCCESS", "SUCCESSFUL", "COMPLETED", "COMPLETE", "FINISHED", "FAILED",
        "FAILURE", "ERROR", "CANCELLED", "CANCELED", "ABORTED", "EXPIRED", "TERMINATED",
    ]

    /// Whether the state is one of them, also as `JOB_STATE_DONE` or `STATUS_FAILED`.
    static func isOver(_ state: String) -> Bool {
        let word = state.uppercased()
        if words.contains(word) { return true }
        guard let cut = word.utf8.lastIndex(of: UInt8(ascii: "_")) else { return false }
        let front = word[..<cut]
        return (front.hasSuffix("STATE") || front.hasSuffix("STATUS"))
            && words.contains(String(word[word.utf8.index(after: cut)...]))
    }
}
