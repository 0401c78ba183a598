import OpwatchCore

/// The policy file: from its path, or its text, to a validated `Policy`.
package enum PolicyFile {
    /// Reads and validates the file at `path`.
    ///
    /// - Throws: every problem of the file at once; the one problem `PATH:1:1: error: …` with the
    ///   system's words where it cannot be read.
    package static func load(path: String) throws(PolicyErrors) -> LoadedPolicy {
        let bytes: [UInt8]
        do {
            bytes = try FileReading.bytes(of: path, atMost: PolicyReader.bytesMax + 1)
        } catch {
            let problems = ProblemList(file: path)
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
        let problems = ProblemList(file: file)
        guard let policy = PolicyReader(problems: problems).read(bytes) else {
            throw PolicyErrors(problems: problems.inFileOrder)
        }
        return LoadedPolicy(
            policy: policy, warnings: problems.inFileOrder,
            text: String(decoding: bytes, as: UTF8.self))
    }
}
