package import OpwatchCore

/// Keeps the text of every policy that a line names, as `policies/HASH.yaml`.
package enum PolicyStore {
    static let directoryName = "policies"

    /// Where the text of a policy is kept.
    /// - Parameter directory: the journal's.
    package static func path(of hash: PolicyHash, in directory: String) -> String {
        "\(directory)/\(directoryName)/\(fileName(hash))"
    }

    private static func fileName(_ hash: PolicyHash) -> String { "\(hash).yaml" }

    /// Writes the text durably, unless it is there already.
    static func store(
        _ text: [UInt8], hash: PolicyHash, in directory: borrowing JournalDirectory
    ) throws(JournalError) {
        guard isFileName(hash.description) else {
            throw .unwritable(field: LineField.hash.name, problem: "is not 16 hex digits")
        }
        let path = directory.path + "/" + directoryName
        try JournalDirectory.create(path: path, disk: directory.disk)
        // An attempt before may have failed between a name and its sync, here and below.
        try directory.sync()
        let policies = try JournalDirectory(path: path, disk: directory.disk)
        try store(text, as: fileName(hash), in: policies)
    }

    private static func store(
        _ text: [UInt8], as name: String, in policies: borrowing JournalDirectory
    ) throws(JournalError) {
        if try holds(text, as: name, in: policies) { return try policies.sync() }
        _ = try policies.create(name) { file throws(JournalError) in
            try policies.disk.writeAll(text, to: file, name: name)
        }
    }

    /// False for what cannot be read too: writing replaces it, or tells what is wrong.
    private static func holds(
        _ text: [UInt8], as name: String, in policies: borrowing JournalDirectory
    ) throws(JournalError) -> Bool {
        guard policies.has(name), case .file(let file) = try policies.open(name) else {
            return false
        }
        var found = [UInt8](repeating: 0, count: text.count + 1)
        var count = 0
        while count < found.count {
            let read = found.withUnsafeMutableBytes { buffer in
                let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[count...])
                return Disk.uninterrupted { policies.disk.read(file.number, rest) }
            }
            guard read > 0 else { break }
            count += read
        }
        return found.prefix(count) == text[...]
    }

    private static func isFileName(_ hash: String) -> Bool {
        hash.utf8.count == 16
            && hash.utf8.allSatisfy { byte in
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
            }
    }
}
