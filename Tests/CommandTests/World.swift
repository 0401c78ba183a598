import Foundation
import Glibc

/// A folder of its own for one test, removed after it.
final class Folder {
    let path: String

    init() {
        var template = Array(
            FileManager.default.temporaryDirectory.appending(path: "opwatchd-commands-XXXXXX").path
                .utf8CString)
        precondition(mkdtemp(&template) != nil, "the test needs a folder")
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    func path(_ name: String) -> String { "\(path)/\(name)" }

    /// - Returns: the path of the file.
    @discardableResult
    func write(_ text: String, to name: String) throws -> String {
        try Data(text.utf8).write(to: URL(filePath: path(name)))
        return path(name)
    }
}

/// Files of the repository.
enum Shipped {
    static let root = URL(filePath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// A saved list answer of 224 operations.
    static let listing = root.appending(path: "Tests/Fixtures/recorded-operations.json").path
    static let policy = root.appending(path: "config/policy.yaml").path

    static func examples() throws -> [String] {
        let folder = root.appending(path: "config/examples")
        return try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter { $0.hasSuffix(".yaml") }.map { folder.appending(path: $0).path }
    }
}

/// Texts of policy files.
enum PolicyText {
    static let empty = "version: 1\nservices: []\nrules: []\n"
    /// `moed` stands in line 2, column 1.
    static let broken = "version: 1\nmoed: observe\nservices: []\n"

    /// One service, `ml`, and one rule over everything.
    static func watching(
        port: Int = 1, action: String = "warn", name: String = "everything"
    ) -> String {
        """
        version: 1
        services:
          - name: ml
            endpoint: http://127.0.0.1:\(port)/v1
            parents: [projects/acme]
            credentials: none
        rules:
          - name: \(name)
            match: 'name:*'
            timeouts: { total: 1h }
            action: \(action)

        """
    }
}

/// A service manager's end of sd_notify: a datagram socket in the abstract namespace, so that no
/// file is left behind.
final class NotifySocket {
    /// As in `$NOTIFY_SOCKET`, where `@` stands for the zero byte.
    let name = "@opwatchd-commands-\(getpid())-\(UInt64.random(in: 0 ... .max))"
    private let descriptor: Int32
    private var messages: [String] = []

    init() {
        descriptor = socket(
            AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { path in
            path[1...].copyBytes(from: name.utf8.dropFirst())
        }
        let length = MemoryLayout<sa_family_t>.size + name.utf8.count
        let failure = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(length))
            }
        }
        precondition(failure == 0, "the test needs a socket")
    }

    deinit {
        close(descriptor)
    }

    var environment: [String: String] { ["NOTIFY_SOCKET": name] }

    /// Whether a message that was received so far holds the text.
    func heard(_ text: String) -> Bool {
        messages.contains { $0.contains(text) }
    }

    /// Receives until a message holds the text.
    /// - Returns: that message, as its lines; nil if none came in time.
    func message(with text: String, within limit: Duration = .seconds(20)) -> [String]? {
        let end = ContinuousClock.now.advanced(by: limit)
        while true {
            let rest = ContinuousClock.now.duration(to: end).components
            let milliseconds = rest.seconds * 1_000 + rest.attoseconds / 1_000_000_000_000_000
            var polled = [pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)]
            guard milliseconds > 0, poll(&polled, 1, Int32(milliseconds)) > 0 else { return nil }
            var buffer = [UInt8](repeating: 0, count: 65_536)
            let length = recv(descriptor, &buffer, buffer.count, 0)
            let message = String(decoding: buffer[..<max(0, length)], as: UTF8.self)
            messages.append(message)
            if message.contains(text) { return message.split(separator: "\n").map(String.init) }
        }
    }
}

/// A port of loopback that refuses connections as long as this lives.
final class ClosedPort {
    let number: Int
    private let descriptor: Int32

    init() {
        descriptor = socket(
            AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = self.descriptor
        let failure = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) | getsockname(descriptor, $0, &length)
            }
        }
        precondition(failure == 0, "the test needs a port")
        number = Int(UInt16(bigEndian: address.sin_port))
    }

    deinit {
        close(descriptor)
    }
}
