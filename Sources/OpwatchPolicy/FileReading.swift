import Glibc

/// A failed system call.
struct SystemError: Error, CustomStringConvertible {
    let code: Int32

    /// The system's words, e.g. `No such file or directory`.
    var description: String { String(cString: strerror(code)) }
}

/// Reads whole files, up to a limit.
enum FileReading {
    /// The first bytes of a file, all of them where it has no more than `limit`.
    static func bytes(of path: String, atMost limit: Int) throws(SystemError) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
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
            } else if errno != EINTR {
                throw SystemError(code: errno)
            }
        }
        bytes.removeLast(limit - count)
        return bytes
    }
}
