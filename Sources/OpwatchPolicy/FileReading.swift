import Glibc

/// A failed system call.
struct SystemError: Error, CustomStringConvertible {
    let code: Int32

    /// The system's words, e.g. `No such file or directory`.
    var description: String { String(cString: strerror(code)) }
}

/// Reads whole files, up to a limit.
enum FileReading {
    /// How long a pipe may keep its reader waiting.
    private static let patienceMilliseconds: Int32 = 5_000

    /// The first bytes of a file, all of them where it has no more than `limit`.
    ///
    /// A pipe is read too, but never waited for longer than a reload may take.
    static func bytes(of path: String, atMost limit: Int) throws(SystemError) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
        guard file >= 0 else { throw SystemError(code: errno) }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: limit)
        var count = 0
        while count < limit {
            let got = bytes[count...].withUnsafeMutableBytes { rest in
                read(file, rest.baseAddress, rest.count)
            }
            if got > 0 {
                count += got
            } else if got == 0 {
                break
            } else if errno == EAGAIN {
                try waitForMore(file)
            } else if errno != EINTR {
                throw SystemError(code: errno)
            }
        }
        bytes.removeLast(limit - count)
        return bytes
    }

    private static func waitForMore(_ file: Int32) throws(SystemError) {
        var request = pollfd(fd: file, events: Int16(POLLIN), revents: 0)
        let ready = poll(&request, 1, patienceMilliseconds)
        if ready == 0 { throw SystemError(code: ETIMEDOUT) }
        if ready < 0, errno != EINTR { throw SystemError(code: errno) }
    }
}
