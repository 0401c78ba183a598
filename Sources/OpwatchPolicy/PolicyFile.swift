import OpwatchCore

/// The policy file: from its path, or its text, to a validated `Policy`.
package enum PolicyFile {
    /// A larger file is refused without a look at it.
    package static let bytesMax = 1 << 20

    /// Reads and validates the file at `path`.
    ///
    /// - Throws: every problem of the file at once; the one problem `PATH:1:1: error: …` with the
    ///   system's words where it cannot be read.
    package static func load(path: String) throws(PolicyErrors) -> LoadedPolicy {
        let bytes: [UInt8]
        do {
            bytes = try FileReading.bytes(of: path, atMost: bytesMax + 1)
        } catch {
            var problems = ProblemList(file: path)
            problems.error("cannot be read: \(error)", at: .start)
            throw PolicyErrors(problems: problems.inFileOrder)
        }
        return try parse(bytes, file: path)
    }

    /// Validates the text of a policy file; `file` stands in the problems.
    package static func parse(_ text: String, file: String) throws(PolicyErrors) -> LoadedPolicy {
        try parse(Array(text.utf8), file: file)
    }

    /// Validates the bytes of a policy file; `file` stands in the problems.
    package static func parse(_ bytes: [UInt8], file: String) throws(PolicyErrors) -> LoadedPolicy {
        var reader = PolicyReader(file: file)
        let policy = reader.read(bytes)
        let problems = reader.problems.inFileOrder
        guard let policy, !reader.problems.hasErrors else { throw PolicyErrors(problems: problems) }
        return LoadedPolicy(
            policy: policy, warnings: problems, text: String(decoding: bytes, as: UTF8.self))
    }
}
