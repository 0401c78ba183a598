import Glibc
import OpwatchProcess

/// A copy of this program as a child, for the demo.
struct ChildProcess {
    let pid: pid_t

    /// Starts this executable with other arguments; standard streams are shared.
    init(arguments: [String]) throws(Failure) {
        let argv = (["opwatchd"] + arguments).map { strdup($0) } + [nil]
        defer { for argument in argv { free(argument) } }
        var pid: pid_t = 0
        let code = posix_spawn(&pid, "/proc/self/exe", nil, nil, argv, environ)
        guard code == 0 else {
            throw Failure(.failure, "cannot start the daemon: \(String(cString: strerror(code)))")
        }
        self.pid = pid
    }

    func signal(_ number: Int32) {
        kill(pid, number)
    }

    /// The exit status if it has ended, 128 + the signal if one ended it.
    func ended() -> Int32? {
        var status: Int32 = 0
        guard waitpid(pid, &status, WNOHANG) == pid else { return nil }
        return Self.exitCode(status)
    }

    /// Waits for its end.
    func wait() -> Int32 {
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
        return Self.exitCode(status)
    }

    private static func exitCode(_ status: Int32) -> Int32 {
        let signal = status & 0x7f
        return signal == 0 ? (status >> 8) & 0xff : 128 + signal
    }
}

/// A new directory under the system's place for temporary files.
struct TemporaryDirectory {
    let path: String

    init(prefix: String) throws(Failure) {
        let parent = Environment.variable("TMPDIR") ?? "/tmp"
        var template = Array("\(parent)/\(prefix)-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw Failure(.io, "\(parent): \(String(cString: strerror(errno)))")
        }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    func write(_ text: String, to name: String) throws(Failure) -> String {
        let file = "\(path)/\(name)"
        let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else {
            throw Failure(.io, "\(file): \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else {
            throw Failure(.io, "\(file): \(String(cString: strerror(errno)))")
        }
        return file
    }

    /// Removes the directory and the files in it, one level deep.
    func remove() {
        remove(path, depth: 2)
    }

    private func remove(_ directory: String, depth: Int) {
        guard let entries = opendir(directory) else { return }
        defer { closedir(entries) }
        while let entry = readdir(entries) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name == "." || name == ".." { continue }
            let path = "\(directory)/\(name)"
            if unlink(path) != 0, depth > 0 { remove(path, depth: depth - 1) }
        }
        rmdir(directory)
    }
}
