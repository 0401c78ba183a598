import Glibc
package import OpwatchCore
import WireFormat

/// A small file that holds a credential, read without waiting for what is not a file.
package struct CredentialFile: Sendable {
    let path: String
    /// Whether it lies in `$CREDENTIALS_DIRECTORY`, which systemd fills at a start alone.
    let isInDirectory: Bool

    /// Longer files hold no credential.
    private static let bytesMax = 256 << 10

    /// - Parameters:
    ///   - name: without a slash it is looked up in the directory, else it is a path.
    ///   - directory: `$CREDENTIALS_DIRECTORY`, nil when it is not set.
    package init(named name: String, in directory: String?) throws(AuthFailure) {
        if name.utf8.contains(UInt8(ascii: "/")) {
            self.init(path: name, isInDirectory: false)
        } else if let directory {
            self.init(path: directory + "/" + name, isInDirectory: true)
        } else {
            throw .setup(
                "the credential \(RemoteText.clean(name)) is looked for in "
                    + "$CREDENTIALS_DIRECTORY, which is not set; a credential that was added "
                    + "needs a restart of the service, not a reload")
        }
    }

    init(path: String, isInDirectory: Bool = false) {
        self.path = path
        self.isInDirectory = isInDirectory
    }

    /// How messages name it.
    var words: String { "the file \(RemoteText.clean(path))" }

    /// The fingerprint of what stands at the path now; nil where nothing can be found.
    package var fingerprint: FileFingerprint? {
        var status = stat()
        return stat(path, &status) == 0 ? FileFingerprint(status) : nil
    }

    /// All of it, and the fingerprint of the very file it came from.
    package func read() throws(AuthFailure) -> (bytes: [UInt8], fingerprint: FileFingerprint) {
        // A FIFO in the place of the file must not hold up a poll.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else {
            throw failure(errno == ENOENT ? "cannot be found" : "cannot be opened", errno)
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure("cannot be read", errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw failure("is not a regular file") }
        return (try bytes(of: descriptor), FileFingerprint(status))
    }

    private func bytes(of descriptor: CInt) throws(AuthFailure) -> [UInt8] {
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

    /// What is wrong with the file, as the end of a sentence.
    func failure(_ problem: String, _ code: CInt? = nil) -> AuthFailure {
        let cause = code.map { ": " + String(cString: strerror($0)) } ?? ""
        let advice =
            isInDirectory && code == ENOENT
            ? "; a credential that was added needs a restart of the service, not a reload" : ""
        return .setup("\(words) \(problem)\(cause)\(advice)")
    }
}

extension CredentialFile {
    /// The object that the file must hold.
    func fields(_ bytes: [UInt8]) throws(AuthFailure) -> CredentialFields {
        do throws(WireError) {
            return try CredentialFields(bytes)
        } catch {
            throw failure("is no credential file of Google, which is one JSON object: \(error)")
        }
    }

    /// A text that the file must have; no message repeats what it has instead.
    func required(
        _ field: CredentialField, of fields: CredentialFields
    ) throws(AuthFailure) -> String {
        guard let text = fields.text(field) else {
            throw failure("lacks \(field.rawValue), which must be a text")
        }
        return text
    }
}

extension FileFingerprint {
    fileprivate init(_ status: stat) {
        self.init(
            device: UInt64(status.st_dev), inode: UInt64(status.st_ino),
            size: Int64(status.st_size),
            modified: .seconds(status.st_mtim.tv_sec) + .nanoseconds(status.st_mtim.tv_nsec),
            changed: .seconds(status.st_ctim.tv_sec) + .nanoseconds(status.st_ctim.tv_nsec))
    }
}
