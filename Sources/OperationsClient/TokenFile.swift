import Glibc
import OpwatchCore

/// A small file that holds a token, read without waiting for what is not a file.
struct TokenFile: Sendable {
    let path: String
    /// Whether it lies in `$CREDENTIALS_DIRECTORY`, which systemd fills at a start alone.
    let isCredential: Bool

    /// Longer files are not token files.
    static let bytesMax = 16 << 10

    /// What changes when a file is written again or replaced.
    struct Fingerprint: Sendable, Equatable {
        let device: UInt64
        let inode: UInt64
        let size: Int64
        let modifiedSeconds: Int
        let modifiedNanoseconds: Int
        let changedSeconds: Int
        let changedNanoseconds: Int

        init(_ status: stat) {
            device = UInt64(status.st_dev)
            inode = UInt64(status.st_ino)
            size = Int64(status.st_size)
            modifiedSeconds = status.st_mtim.tv_sec
            modifiedNanoseconds = status.st_mtim.tv_nsec
            changedSeconds = status.st_ctim.tv_sec
            changedNanoseconds = status.st_ctim.tv_nsec
        }
    }

    /// The fingerprint of what stands at the path now.
    func fingerprint() throws(CallFailure) -> Fingerprint {
        var status = stat()
        guard stat(path, &status) == 0 else { throw failure("cannot be found", errno) }
        return Fingerprint(status)
    }

    /// Reads the token and the fingerprint of the very file it came from.
    func read() throws(CallFailure) -> (token: BearerToken, fingerprint: Fingerprint) {
        // A FIFO in the place of the file must not hold up a poll.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else { throw failure("cannot be opened", errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure("cannot be read", errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw failure("is not a regular file") }
        let bytes = try bytes(of: descriptor)
        do throws(TokenProblem) {
            return (try BearerToken(file: bytes), Fingerprint(status))
        } catch {
            throw failure(error.description)
        }
    }

    private func bytes(of descriptor: CInt) throws(CallFailure) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4_096)
        while bytes.count <= Self.bytesMax {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count == 0 { return bytes }
            if count > 0 {
                bytes += chunk[..<count]
            } else if errno != EINTR {
                throw failure("cannot be read", errno)
            }
        }
        throw failure("is longer than \(Self.bytesMax) bytes")
    }

    private func failure(_ problem: String, _ code: CInt? = nil) -> CallFailure {
        let cause = code.map { ": " + String(cString: strerror($0)) } ?? ""
        let advice =
            isCredential && code == ENOENT
            ? "; a credential that was added needs a restart of the service, not a reload" : ""
        return .notSent(
            reason: "the token file \(RemoteText.clean(path)) \(problem)\(cause)\(advice)")
    }
}
