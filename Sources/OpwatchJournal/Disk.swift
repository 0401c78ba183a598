internal import Glibc

/// Every call that the journal makes of the file system; each can fail, and tests make it fail.
///
/// A result below zero is the negative `errno`. Directories and files are descriptors, which
/// `close` lets go.
package struct Disk: Sendable {
    /// Makes a directory with mode 0750; its parent must exist.
    package var makeDirectory: @Sendable (_ path: String) -> Int32
    package var openDirectory: @Sendable (_ path: String) -> Int32
    /// Gives the names in a directory to `visit`, in any order; those that are not UTF-8 repaired.
    package var list: @Sendable (_ directory: Int32, _ visit: (String) -> Void) -> Int32
    /// Takes the lock of a directory, or `-EWOULDBLOCK`; it ends with the descriptor.
    package var lock: @Sendable (_ directory: Int32) -> Int32
    /// `f_type` of `statfs(2)`.
    package var fileSystem: @Sendable (_ directory: Int32) -> Int64
    /// Whether something has the name: 0, or `-ENOENT`.
    package var find: @Sendable (_ directory: Int32, _ name: String) -> Int32
    /// The size of a file of a directory in bytes.
    package var size: @Sendable (_ directory: Int32, _ name: String) -> Int64
    /// Whether the path still leads to the open directory: 0, or `-ESTALE`.
    package var checkDirectory: @Sendable (_ path: String, _ directory: Int32) -> Int32
    /// The size in bytes of an open file that still has its name; else `-ESTALE`.
    package var checkFile: @Sendable (_ directory: Int32, _ name: String, _ file: Int32) -> Int64
    /// Opens a file of a directory for reading, as the disk has it and not the cache; `-ELOOP` for
    /// whatever is no regular file.
    package var open: @Sendable (_ directory: Int32, _ name: String) -> Int32
    /// Creates a file in a directory, for appending; it must not exist.
    package var create: @Sendable (_ directory: Int32, _ name: String) -> Int32
    /// Opens an existing file of a directory, for appending.
    package var reopen: @Sendable (_ directory: Int32, _ name: String) -> Int32
    /// Reads on, up to as much as fits; 0 at the end.
    package var read: @Sendable (_ file: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Int
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
    package var close: @Sendable (_ descriptor: Int32) -> Void
}

extension Disk {
    /// Writes everything or fails; only an interruption before the first byte is no failure.
    func writeAll(_ bytes: [UInt8], to file: Int32, name: String) throws(JournalError) {
        guard !bytes.isEmpty else { return }
        let count = bytes.withUnsafeBytes { buffer in
            Self.uninterrupted { write(file, buffer) }
        }
        guard count >= 0 else {
            throw .io(call: "write", path: name, errno: Int32(clamping: -count))
        }
        guard count == bytes.count else {
            throw .shortWrite(path: name, written: count, of: bytes.count)
        }
    }

    /// Makes a call again while a signal interrupts it; so many in a row are no signals.
    static func uninterrupted<Result: SignedInteger>(_ call: () -> Result) -> Result {
        var result = call()
        for _ in 0..<interruptionsMax where result == -Result(EINTR) { result = call() }
        return result
    }

    private static let interruptionsMax = 1_000

    /// Turns the result of a call into its value or its error.
    func check(_ result: Int32, _ call: String, _ name: String) throws(JournalError) -> Int32 {
        guard result >= 0 else { throw .io(call: call, path: name, errno: -result) }
        return result
    }
}
