internal import Glibc

/// The calls by which the journal changes the disk; each can fail, and each failure is tested.
///
/// A result below zero is the negative `errno`.
package struct Disk: Sendable {
    /// Creates a file in a directory, for appending; it must not exist.
    package var create: @Sendable (_ directory: Int32, _ name: String) -> Int32
    /// Opens an existing file of a directory, for appending.
    package var reopen: @Sendable (_ directory: Int32, _ name: String) -> Int32
    /// Writes from the front of the bytes; returns how many were taken.
    package var write: @Sendable (_ file: Int32, _ bytes: UnsafeRawBufferPointer) -> Int
    /// `fdatasync`.
    package var syncFile: @Sendable (_ file: Int32) -> Int32
    /// `fsync` of a directory.
    package var syncDirectory: @Sendable (_ directory: Int32) -> Int32
    /// Renames inside a directory, replacing what has the new name.
    package var rename: @Sendable (_ directory: Int32, _ from: String, _ to: String) -> Int32
    /// Removes a file of a directory.
    package var remove: @Sendable (_ directory: Int32, _ name: String) -> Int32

    /// The real disk.
    package static let live = Disk(
        create: { directory, name in
            checked(openat(directory, name, appending | O_CREAT | O_EXCL, 0o640))
        },
        reopen: { directory, name in checked(openat(directory, name, appending)) },
        write: { file, bytes in
            let count = Glibc.write(file, bytes.baseAddress, bytes.count)
            return count < 0 ? -Int(errno) : count
        },
        syncFile: { checked(fdatasync($0)) },
        syncDirectory: { checked(fsync($0)) },
        rename: { directory, from, to in checked(renameat(directory, from, directory, to)) },
        remove: { directory, name in checked(unlinkat(directory, name, 0)) })

    private static let appending = O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW

    private static func checked(_ result: Int32) -> Int32 {
        result < 0 ? -errno : result
    }
}

extension Disk {
    /// Writes everything or fails; only an interruption before the first byte is no failure.
    func writeAll(_ bytes: [UInt8], to file: Int32, name: String) throws(JournalError) {
        guard !bytes.isEmpty else { return }
        let count = bytes.withUnsafeBytes { buffer in
            var count: Int
            repeat { count = write(file, buffer) } while count == -Int(EINTR)
            return count
        }
        guard count >= 0 else {
            throw .io(call: "write", path: name, errno: Int32(clamping: -count))
        }
        guard count == bytes.count else {
            throw .shortWrite(path: name, written: count, of: bytes.count)
        }
    }

    /// Turns the result of a call into its value or its error.
    func check(_ result: Int32, _ call: String, _ name: String) throws(JournalError) -> Int32 {
        guard result >= 0 else { throw .io(call: call, path: name, errno: -result) }
        return result
    }
}
