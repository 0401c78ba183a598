internal import Glibc
package import OpwatchJournal
internal import Synchronization

/// A disk of one directory in memory, which forgets at a crash what was not synced.
package final class MemoryDisk: Sendable {
    /// What a crash leaves: names and contents.
    package struct Image: Hashable, Sendable {
        package var files: [String: [UInt8]]

        package init(files: [String: [UInt8]] = [:]) {
            self.files = files
        }
    }

    /// A file: what is on the disk for certain, and behind it what is only in the cache.
    package struct Inode: Sendable {
        package var content: [UInt8] = []
        package var syncedCount = 0
    }

    package enum NameChange: Sendable {
        case link(String, Int)
        case unlink(String)
        case rename(String, String, Int)
    }

    package struct State: Sendable {
        package var inodes: [Inode] = []
        package var names: [String: Int] = [:]
        package var syncedNames: [String: Int] = [:]
        /// Since the last sync of the directory, in order.
        package var changes: [NameChange] = []
        fileprivate var descriptors: [Int32: Descriptor] = [:]
        fileprivate var nextDescriptor: Int32 = 1_000
        fileprivate var lockOwner: Int32?
        /// The names of all calls so far.
        package fileprivate(set) var calls: [String] = []

        /// An empty disk.
        package init() {}

        package static func apply(_ change: NameChange, to names: inout [String: Int]) {
            switch change {
            case .link(let name, let inode): names[name] = inode
            case .unlink(let name): names[name] = nil
            case .rename(let from, let to, let inode):
                if names[from] == inode { names[from] = nil }
                names[to] = inode
            }
        }
    }

    fileprivate enum Descriptor {
        case directory
        case file(inode: Int, position: Int)
    }

    /// Which calls fail, and how.
    package struct Fault: Sendable {
        package var failing: Range<Int>
        /// nil: a write takes all but its last byte, any other call fails with EIO.
        package var code: Int32?
        /// Whether a call that fails has its effect all the same.
        package var hasEffect: Bool

        package init(failing: Range<Int>, code: Int32? = nil, hasEffect: Bool = false) {
            self.failing = failing
            self.code = code
            self.hasEffect = hasEffect
        }
    }

    private let state: Mutex<State>
    private let fault: Fault?
    private let watch: (@Sendable (State) -> Void)?

    /// - Parameter watch: sees the disk behind every call that may have changed it.
    package init(
        _ image: Image = Image(), fault: Fault? = nil, watch: (@Sendable (State) -> Void)? = nil
    ) {
        var state = State()
        for (name, content) in image.files {
            state.names[name] = state.inodes.count
            state.inodes.append(Inode(content: content, syncedCount: content.count))
        }
        state.syncedNames = state.names
        self.state = Mutex(state)
        self.fault = fault
        self.watch = watch
    }

    /// The disk of a process that was killed: what it wrote is there, and not yet synced.
    package init(behind killed: State, watch: (@Sendable (State) -> Void)? = nil) {
        var state = State()
        state.inodes = killed.inodes
        state.names = killed.names
        state.syncedNames = killed.syncedNames
        state.changes = killed.changes
        self.state = Mutex(state)
        fault = nil
        self.watch = watch
    }

    package var calls: [String] { state.withLock(\.calls) }

    /// What is there without a crash.
    package var image: Image {
        state.withLock { state in Image(files: state.names.mapValues { state.inodes[$0].content }) }
    }

    /// What is there for certain, should the power go now.
    package var syncedImage: Image {
        state.withLock { state in
            Image(
                files: state.syncedNames.mapValues { inode in
                    Array(state.inodes[inode].content.prefix(state.inodes[inode].syncedCount))
                })
        }
    }

    // MARK: Calls

    package var disk: Disk {
        var disk = Disk.live
        disk.makeDirectory = { _ in self.call("makeDirectory") { _ in -EEXIST } }
        disk.openDirectory = { _ in
            self.call("openDirectory") { state in state.descriptor(.directory) }
        }
        disk.fileSystem = { _ in Int64(self.call("fileSystem") { _ in 0 }) }
        disk.lock = { number in
            self.call("lock") { state in
                if let owner = state.lockOwner, owner != number { return -EWOULDBLOCK }
                state.lockOwner = number
                return 0
            }
        }
        disk.find = { _, name in
            self.call("find") { state in state.names[name] == nil ? -ENOENT : 0 }
        }
        disk.size = { _, name in
            let bytes = Mutex<Int64>(0)
            let result = self.call("size") { state in
                guard let inode = state.names[name] else { return -ENOENT }
                bytes.withLock { $0 = Int64(state.inodes[inode].content.count) }
                return 0
            }
            return result < 0 ? Int64(result) : bytes.withLock { $0 }
        }
        disk.checkDirectory = { _, _ in self.call("checkDirectory") { _ in 0 } }
        disk.checkFile = { _, name, file in
            Int64(
                self.call("checkFile") { state in
                    guard case .file(let inode, _)? = state.descriptors[file],
                        state.names[name] == inode
                    else { return -ESTALE }
                    return Int32(state.inodes[inode].content.count)
                })
        }
        disk.close = { number in
            self.state.withLock { state in
                state.descriptors[number] = nil
                if state.lockOwner == number { state.lockOwner = nil }
            }
        }
        addReading(to: &disk)
        addWriting(to: &disk)
        return disk
    }

    private func addReading(to disk: inout Disk) {
        disk.list = { _, visit in
            let names = Mutex<[String]>([])
            let result = self.call("list") { state in
                names.withLock { $0 = state.names.keys.sorted() }
                return 0
            }
            if result == 0 { names.withLock { $0.forEach(visit) } }
            return result
        }
        disk.open = { _, name in
            self.call("open") { state in
                guard let inode = state.names[name] else { return -ENOENT }
                return state.descriptor(.file(inode: inode, position: 0))
            }
        }
        disk.read = { number, buffer in
            Int(
                self.call("read") { state in
                    guard case .file(let inode, let position)? = state.descriptors[number] else {
                        return -EBADF
                    }
                    let rest = state.inodes[inode].content[position...].prefix(buffer.count)
                    buffer.copyBytes(from: rest)
                    state.descriptors[number] = .file(
                        inode: inode, position: position + rest.count)
                    return Int32(rest.count)
                })
        }
    }

    private func addWriting(to disk: inout Disk) {
        disk.create = { _, name in
            self.call("create") { state in
                guard state.names[name] == nil else { return -EEXIST }
                state.inodes.append(Inode())
                state.change(.link(name, state.inodes.count - 1))
                return state.descriptor(.file(inode: state.inodes.count - 1, position: 0))
            }
        }
        disk.reopen = { _, name in
            self.call("reopen") { state in
                guard let inode = state.names[name] else { return -ENOENT }
                return state.descriptor(.file(inode: inode, position: 0))
            }
        }
        disk.write = { number, bytes in
            Int(
                self.call("write", shortBy: bytes.count) { state in
                    guard case .file(let inode, _)? = state.descriptors[number] else {
                        return -EBADF
                    }
                    state.inodes[inode].content += bytes
                    return Int32(bytes.count)
                })
        }
        disk.syncFile = { number in
            self.call("syncFile") { state in
                guard case .file(let inode, _)? = state.descriptors[number] else { return -EBADF }
                state.inodes[inode].syncedCount = state.inodes[inode].content.count
                return 0
            }
        }
        disk.syncDirectory = { _ in
            self.call("syncDirectory") { state in
                state.syncedNames = state.names
                state.changes = []
                return 0
            }
        }
        disk.rename = { _, from, to in
            self.call("rename") { state in
                guard let inode = state.names[from] else { return -ENOENT }
                state.change(.rename(from, to, inode))
                return 0
            }
        }
        disk.remove = { _, name in
            self.call("remove") { state in
                guard state.names[name] != nil else { return -ENOENT }
                state.change(.unlink(name))
                return 0
            }
        }
    }

    /// - Parameter shortBy: of a write how many bytes it has; the last one can stay out.
    private func call(
        _ name: String, shortBy count: Int = 0, _ body: (inout State) -> Int32
    ) -> Int32 {
        state.withLock { state in
            let fails = fault?.failing.contains(state.calls.count) ?? false
            state.calls.append(name)
            defer { watch?(state) }
            guard fails, let fault else { return body(&state) }
            if let code = fault.code {
                if fault.hasEffect {
                    let result = body(&state)
                    if ["create", "reopen", "open", "openDirectory"].contains(name), result >= 0 {
                        state.descriptors[result] = nil
                    }
                }
                return -code
            }
            guard name == "write", count > 0 else { return -EIO }
            let before = state
            let result = body(&state)
            guard result > 0 else { return result }
            for index in state.inodes.indices
            where state.inodes[index].content.count > before.inodes[index].content.count {
                state.inodes[index].content.removeLast()
            }
            return result - 1
        }
    }
}

extension MemoryDisk.State {
    fileprivate mutating func descriptor(_ descriptor: MemoryDisk.Descriptor) -> Int32 {
        nextDescriptor += 1
        descriptors[nextDescriptor] = descriptor
        return nextDescriptor
    }

    fileprivate mutating func change(_ change: MemoryDisk.NameChange) {
        changes.append(change)
        Self.apply(change, to: &names)
    }
}
