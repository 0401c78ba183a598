import Glibc
import OpwatchProcess

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
