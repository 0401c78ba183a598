import ArgumentParser
import Glibc
import OpwatchProcess
import OpwatchReports

/// The usual places, as systemd gives them.
enum Places {
    static let policy = "/etc/opwatchd/policy.yaml"

    /// `$STATE_DIRECTORY` inside a unit, else the packaged place.
    static var state: String {
        Environment.variable("STATE_DIRECTORY") ?? "/var/lib/opwatchd"
    }
}

/// `--policy FILE`.
struct PolicyOption: ParsableArguments {
    @Option(name: .customLong("policy"), help: "The policy file.")
    var path = Places.policy
}

/// `--state DIR`.
struct StateOption: ParsableArguments {
    @Option(name: .customLong("state"), help: "The journal's directory.")
    var path = Places.state

    func validate() throws {
        if path.isEmpty { throw ValidationError("--state: a directory is missing") }
        // What is not UTF-8 came in repaired, and is the name of another directory.
        if path.contains("\u{FFFD}") {
            throw ValidationError("--state \(Untrusted.text(path)): the path must be UTF-8")
        }
    }
}

/// Reads a whole file, or standard input for `-`.
enum InputFile {
    /// No saved listing is larger.
    static let bytesMax = 1 << 30

    /// How messages name it.
    static func name(_ path: String) -> String { path == "-" ? "standard input" : path }

    static func read(_ path: String) throws(Failure) -> [UInt8] {
        guard path != "-" else { return try read(STDIN_FILENO, "standard input") }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path) }
        defer { close(descriptor) }
        return try read(descriptor, path)
    }

    private static func read(_ descriptor: Int32, _ name: String) throws(Failure) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw failure(name) }
            guard count > 0 else { return bytes }
            guard bytes.count + count <= bytesMax else {
                throw Failure(.dataDamaged, "\(name): over \(bytesMax) bytes")
            }
            bytes += chunk[..<count]
        }
    }

    private static func failure(_ name: String) -> Failure {
        let code: SystemExit = errno == EACCES || errno == EPERM ? .permission : .io
        return Failure(code, "\(name): \(String(cString: strerror(errno)))")
    }
}
