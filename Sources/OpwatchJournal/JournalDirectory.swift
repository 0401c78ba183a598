internal import Glibc

/// The directory of a journal, open as long as this value lives.
struct JournalDirectory: ~Copyable, Sendable {
    let path: String
    let descriptor: OwnedDescriptor
    let disk: Disk

    /// The names in a directory, sorted into what they mean.
    struct Listing: Sendable, Equatable {
        /// By first seq, oldest first.
        var files: [JournalFile] = []
        /// What was kept of older files, by first seq.
        var history: [HistoryFile] = []
        /// Files that were not finished.
        var temporary: [String] = []
        /// Names that are none of ours; never touched.
        var ignored = Ignored()
    }

    /// Names that are none of ours: however many there are, few are kept.
    struct Ignored: Sendable, Equatable {
        /// The first by name; at most `namesMax` when all were added and `cut` was called.
        private(set) var names: [String] = []
        private(set) var count = 0

        static let namesMax = 100

        mutating func add(_ name: String) {
            count += 1
            names.append(name)
            if names.count >= 10 * Self.namesMax { cut() }
        }

        mutating func cut() {
            names.sort()
            names.removeLast(max(names.count - Self.namesMax, 0))
        }
    }

    init(path: String, disk: Disk) throws(JournalError) {
        let number = try disk.check(disk.openDirectory(path), "open", path)
        self.path = path
        self.disk = disk
        descriptor = OwnedDescriptor(adopting: number, of: disk)
    }

    /// Makes the directory unless it exists, with mode 0750; its parent must exist.
    static func create(path: String, disk: Disk) throws(JournalError) {
        let result = disk.makeDirectory(path)
        if result == -EEXIST { return }
        _ = try disk.check(result, "mkdir", path)
        let parent = try JournalDirectory(path: path + "/..", disk: disk)
        try parent.sync()
    }

    /// Takes the lock of the directory, which ends with the descriptor; false when it is taken.
    func lock() throws(JournalError) -> Bool {
        let result = Disk.uninterrupted { disk.lock(descriptor.number) }
        if result == -EWOULDBLOCK { return false }
        _ = try disk.check(result, "flock", path)
        return true
    }

    /// - Throws: `displaced`, `io`.
    func checkPlace() throws(JournalError) {
        let result = disk.checkDirectory(path, descriptor.number)
        if result == -ESTALE { throw .displaced(directory: path) }
        _ = try disk.check(result, "stat", path)
    }

    func fileSystem() throws(JournalError) -> FileSystemKind {
        let magic = disk.fileSystem(descriptor.number)
        guard magic >= 0 else {
            throw .io(call: "fstatfs", path: path, errno: Int32(clamping: -magic))
        }
        return FileSystemKind(magic: magic)
    }

    func list() throws(JournalError) -> Listing {
        var listing = Listing()
        let result = disk.list(descriptor.number) { name in
            if let file = JournalFile(name: name) {
                listing.files.append(file)
            } else if let file = HistoryFile(name: name) {
                listing.history.append(file)
            } else if FileSuffix.isTemporary(name) {
                listing.temporary.append(name)
            } else if !Self.expected.contains(name) {
                listing.ignored.add(name)
            }
        }
        _ = try disk.check(result, "readdir", path)
        listing.files.sort()
        listing.history.sort()
        listing.ignored.cut()
        return listing
    }

    /// What a name gives to read.
    enum Opened: ~Copyable {
        case file(OwnedDescriptor)
        case notAFile
        /// Why it cannot be read although others can: see `concernsOneFile`.
        case refused(JournalError)
    }

    /// Opens a file for reading.
    func open(_ name: String) throws(JournalError) -> Opened {
        let result = disk.open(descriptor.number, name)
        if result >= 0 { return .file(OwnedDescriptor(adopting: result, of: disk)) }
        if result == -ELOOP { return .notAFile }
        let error = JournalError.io(call: "open", path: name, errno: -result)
        guard error.concernsOneFile else { throw error }
        return .refused(error)
    }

    /// - Throws: `lost` where the file is not there any more as it was read, `io`.
    func checkLoss(of reading: FileReading) throws(JournalError) {
        let name = reading.file.name
        guard has(name) else { throw .lost(file: name, offset: 0) }
        if case .notAFile = try open(name) { throw .lost(file: name, offset: 0) }
        let bytes = try size(name)
        if bytes < reading.goodBytes { throw .lost(file: name, offset: bytes) }
    }

    /// The size of a file in bytes.
    func size(_ name: String) throws(JournalError) -> Int64 {
        let bytes = disk.size(descriptor.number, name)
        guard bytes >= 0 else {
            throw .io(call: "fstatat", path: name, errno: Int32(clamping: -bytes))
        }
        return bytes
    }

    // MARK: Changing

    func has(_ name: String) -> Bool {
        disk.find(descriptor.number, name) == 0
    }

    /// Makes a file that has its name only when it is whole and durable: written aside, synced,
    /// renamed, and the directory synced.
    /// - Returns: the file, open for appending.
    /// - Throws: where any step failed; what had the name before may be gone then only if the
    ///   rename took place.
    func create(
        _ name: String, _ write: (_ file: Int32) throws(JournalError) -> Void
    ) throws(JournalError) -> OwnedDescriptor {
        let file = try begin(name)
        do {
            try write(file.number)
            try finish(name, file)
        } catch {
            abandon(name)
            throw error
        }
        return file
    }

    /// Begins a file that gets its name by `finish`; one that was begun before is removed.
    func begin(_ name: String) throws(JournalError) -> OwnedDescriptor {
        let temporary = name + FileSuffix.temporary
        // An earlier attempt may have left it; if not, the next line says what is wrong.
        _ = disk.remove(descriptor.number, temporary)
        let number = try disk.check(
            disk.create(descriptor.number, temporary), "create", temporary)
        return OwnedDescriptor(adopting: number, of: disk)
    }

    /// Makes a file that was begun durable and gives it its name.
    func finish(_ name: String, _ file: borrowing OwnedDescriptor) throws(JournalError) {
        _ = try disk.check(disk.syncFile(file.number), "fdatasync", name)
        try rename(name + FileSuffix.temporary, to: name)
        try sync()
    }

    /// Removes what was begun; where that fails, the next start does it.
    func abandon(_ name: String) {
        _ = disk.remove(descriptor.number, name + FileSuffix.temporary)
    }

    func reopen(_ name: String) throws(JournalError) -> OwnedDescriptor {
        let number = try disk.check(disk.reopen(descriptor.number, name), "open", name)
        return OwnedDescriptor(adopting: number, of: disk)
    }

    private func rename(_ from: String, to name: String) throws(JournalError) {
        _ = try disk.check(disk.rename(descriptor.number, from, name), "rename", name)
    }

    func remove(_ name: String) throws(JournalError) {
        _ = try disk.check(disk.remove(descriptor.number, name), "unlink", name)
    }

    /// Makes names durable.
    func sync() throws(JournalError) {
        _ = try disk.check(disk.syncDirectory(descriptor.number), "fsync", path)
    }

    private static let expected: Set<String> = [".", "..", PolicyStore.directoryName]
}
