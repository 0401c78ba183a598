internal import Glibc

/// The directory of a journal, open as long as this value lives.
struct JournalDirectory: ~Copyable, Sendable {
    let path: String
    let descriptor: OwnedDescriptor

    /// The names in a directory, sorted into what they mean.
    struct Listing: Sendable, Equatable {
        /// By first seq, oldest first.
        var files: [JournalFile] = []
        /// Files that a roll did not finish.
        var temporary: [String] = []
        /// Names that are none of ours; never touched.
        var ignored: [String] = []
    }

    init(path: String) throws(JournalError) {
        let number = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard number >= 0 else { throw .io(call: "open", path: path, errno: errno) }
        self.path = path
        descriptor = OwnedDescriptor(adopting: number)
    }

    /// Makes the directory unless it exists, with mode 0750; its parent must exist.
    static func create(path: String, disk: Disk) throws(JournalError) {
        guard mkdir(path, 0o750) == 0 else {
            let code = errno
            if code == EEXIST { return }
            throw .io(call: "mkdir", path: path, errno: code)
        }
        let parent = try JournalDirectory(path: path + "/..")
        _ = try disk.check(
            disk.syncDirectory(parent.descriptor.number), "fsync", parent.path)
    }

    /// Takes the lock of the directory, which ends with the descriptor; false when it is taken.
    func lock() throws(JournalError) -> Bool {
        var result: Int32
        repeat {
            result = flock(descriptor.number, LOCK_EX | LOCK_NB)
        } while result < 0 && errno == EINTR
        if result == 0 { return true }
        let code = errno
        guard code == EWOULDBLOCK else { throw .io(call: "flock", path: path, errno: code) }
        return false
    }

    func list() throws(JournalError) -> Listing {
        let number = openat(descriptor.number, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard number >= 0, let stream = fdopendir(number) else {
            throw .io(call: "open", path: path, errno: errno)
        }
        defer { closedir(stream) }
        var listing = Listing()
        while true {
            errno = 0
            guard let entry = readdir(stream) else { break }
            let name = Self.name(of: entry)
            if let file = JournalFile(name: name) {
                listing.files.append(file)
            } else if JournalFile.isTemporary(name) {
                listing.temporary.append(name)
            } else if !Self.expected.contains(name) {
                listing.ignored.append(name)
            }
        }
        guard errno == 0 else { throw .io(call: "readdir", path: path, errno: errno) }
        listing.files.sort()
        listing.ignored.sort()
        return listing
    }

    /// Opens a file for reading; nil when the name stands for something that is no regular file.
    func open(_ file: JournalFile) throws(JournalError) -> OwnedDescriptor? {
        let flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK
        let number = openat(descriptor.number, file.name, flags)
        guard number >= 0 else {
            if errno == ELOOP { return nil }
            throw .io(call: "open", path: file.name, errno: errno)
        }
        let opened = OwnedDescriptor(adopting: number)
        var status = stat()
        guard fstat(number, &status) == 0 else {
            throw .io(call: "fstat", path: file.name, errno: errno)
        }
        guard status.st_mode & S_IFMT == S_IFREG else { return nil }
        return opened
    }

    private static let expected: Set<String> = [".", "..", PolicyStore.directoryName]

    /// Names that are not UTF-8 come out repaired, and then are none of ours.
    private static func name(of entry: UnsafeMutablePointer<dirent>) -> String {
        guard let offset = MemoryLayout<dirent>.offset(of: \.d_name) else { return "" }
        let start = UnsafeRawPointer(entry).advanced(by: offset)
        return String(cString: start.assumingMemoryBound(to: CChar.self))
    }
}
