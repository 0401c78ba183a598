internal import Glibc

/// Why the journal cannot be opened, read or written.
package enum JournalError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Another process owns the directory; `holder` is nil where the newest file cannot be read.
    case locked(directory: String, holder: Holder?)
    /// The file was written by a later version that this one must not follow.
    case tooNew(file: String, min: Int64)
    /// A file system on which locks or `fsync` do not mean what the journal needs.
    case unsupportedFileSystem(directory: String, kind: String)
    /// A system call failed.
    case io(call: String, path: String, errno: Int32)
    /// Fewer bytes were written than were given: how a full disk shows itself.
    case shortWrite(path: String, written: Int, of: Int)
    /// The path leads to another directory than the one that this process locked, or to none.
    case displaced(directory: String)
    /// The file that is written was moved, removed, replaced or cut: from `offset` on what was
    /// durable is gone.
    case lost(file: String, offset: Int64)
    /// Something else writes to the file; nothing is gone.
    case intruded(file: String)
    /// A value that no line can hold; nothing was written and the journal is as it was.
    case unwritable(field: String, problem: String)
    /// Nothing can be recorded until `repair` succeeds.
    case down(reason: String)
    /// The pulse told to go on no further; the journal is as it was.
    case stopped

    /// The process that has the lock, by what it wrote into the newest file.
    package struct Holder: Sendable, Equatable, CustomStringConvertible {
        /// Its process id on that host.
        package let pid: Int32
        /// Its host name.
        package let host: String

        /// For a sentence about who has the lock.
        package var description: String { "process \(pid) on \(host)" }
    }

    /// What is wrong with a part of a file that the disk does not give; nil for other errors.
    var unreadable: String? {
        switch self {
        case .io("open", _, let code), .io("read", _, let code):
            guard [EIO, EUCLEAN, EBADMSG].contains(code) else { return nil }
            return "cannot be read: \(String(cString: strerror(code)))"
        default: return nil
        }
    }

    /// Whether other files can be read although this one cannot: for lack of permission, because
    /// the disk does not give it, or because a later version wrote it.
    var concernsOneFile: Bool {
        switch self {
        case .tooNew, .io("open", _, EACCES), .io("open", _, EPERM): true
        default: unreadable != nil
        }
    }

    /// Whether a file is gone that had its name a moment ago.
    var isGone: Bool {
        if case .io("open", _, ENOENT) = self { true } else { false }
    }

    /// The exit code by sysexits: 65 data, 74 I/O, 75 locked, 77 permission, 78 configuration.
    package var exitCode: Int32 {
        switch self {
        case .locked, .stopped: 75
        case .tooNew, .unsupportedFileSystem: 78
        case .io(_, _, EACCES), .io(_, _, EPERM): 77
        case .io, .shortWrite, .displaced, .lost, .intruded, .down: 74
        case .unwritable: 65
        }
    }

    /// What failed, with which value; no line of the journal is quoted.
    package var description: String {
        switch self {
        case .locked(let directory, let holder?):
            "\(directory): the journal is in use by \(holder)"
        case .locked(let directory, nil):
            "\(directory): the journal is in use by another process"
        case .tooNew(let file, let min):
            "\(file): needs a reader of format \(min), this version reads "
                + "\(JournalFormat.current)"
        case .unsupportedFileSystem(let directory, let kind):
            "\(directory): \(kind) cannot hold a journal; use a local file system"
        case .io(let call, let path, let code):
            "\(call) \(path): \(String(cString: strerror(code)))"
        case .shortWrite(let path, let written, let count):
            "write \(path): \(written) of \(count) bytes were written, the disk may be full"
        case .displaced(let directory):
            "\(directory): is no longer the directory that this process locked; it was moved, "
                + "removed or replaced"
        case .lost(let file, let offset):
            "\(file): was moved, removed, replaced or cut while it was in use; what was durable "
                + "from byte \(offset) on is gone"
        case .intruded(let file): "\(file): something else has written to it"
        case .unwritable(let field, let problem): "cannot be recorded: \(field) \(problem)"
        case .down(let reason): "the journal is down: \(reason)"
        case .stopped: "was told to stop"
        }
    }
}
