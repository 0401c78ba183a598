internal import Glibc
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

    /// Writes the text durably; a text that is there already stays.
    static func store(
        _ text: [UInt8], hash: PolicyHash, in directory: borrowing JournalDirectory, disk: Disk
    ) throws(JournalError) {
        guard isFileName(hash.description) else {
            throw .unwritable(field: LineField.hash.rawValue, problem: "is not 16 hex digits")
        }
        let policies = try open(in: directory, disk: disk)
        let name = fileName(hash)
        if faccessat(policies.descriptor.number, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0 { return }
        let number = policies.descriptor.number
        let temporary = name + ".tmp"
        let path = directoryName + "/" + name
        _ = disk.remove(number, temporary)
        let file = OwnedDescriptor(
            adopting: try disk.check(disk.create(number, temporary), "create", path))
        try disk.writeAll(text, to: file.number, name: path)
        _ = try disk.check(disk.syncFile(file.number), "fdatasync", path)
        _ = try disk.check(disk.rename(number, temporary, name), "rename", path)
        _ = try disk.check(disk.syncDirectory(number), "fsync", directoryName)
    }

    private static func open(
        in directory: borrowing JournalDirectory, disk: Disk
    ) throws(JournalError) -> JournalDirectory {
        let path = directory.path + "/" + directoryName
        try JournalDirectory.create(path: path, disk: disk)
        return try JournalDirectory(path: path)
    }

    private static func isFileName(_ hash: String) -> Bool {
        hash.utf8.count == 16
            && hash.utf8.allSatisfy { byte in
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
            }
    }
}
