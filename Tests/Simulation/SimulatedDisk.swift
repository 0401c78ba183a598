import DiskSimulator
import Glibc
import OpwatchJournal
import SeededRandom
import Synchronization

/// The disk of a run: one directory in memory that can be full, fail, and lose its owner at any
/// call.
final class SimulatedDisk: Sendable {
    /// What is wrong with the disk.
    enum Fault: CaseIterable, Sendable {
        case full, shortWrite, writeFails, syncFails, createFails, renameFails
    }

    private struct State {
        var fault: Fault?
        /// Calls until the process is killed; nil: it is not.
        var callsToDeath: Int?
        /// The disk as it was when the process died, and the call that it died at.
        var death: (disk: MemoryDisk.State, call: String)?
        var tellDeath: @Sendable () -> Void = {}
    }

    private let memory: MemoryDisk
    private let state: Mutex<State>
    private let seen: Seen

    /// The disk behind the last call.
    private final class Seen: Sendable {
        let state = Mutex(MemoryDisk.State())
    }

    init(_ image: MemoryDisk.Image = MemoryDisk.Image()) {
        let seen = Seen()
        self.seen = seen
        memory = MemoryDisk(image) { disk in seen.state.withLock { $0 = disk } }
        state = Mutex(State())
    }

    var image: MemoryDisk.Image { memory.image }
    /// The call at which the process died; nil while it lives.
    var death: String? { state.withLock { $0.death?.call } }

    func set(_ fault: Fault?) {
        state.withLock { $0.fault = fault }
    }

    /// The process dies at the call after so many.
    func kill(afterCalls count: Int) {
        state.withLock { $0.callsToDeath = count }
    }

    /// Told at the moment of the death.
    func onDeath(_ tell: @escaping @Sendable () -> Void) {
        state.withLock { $0.tellDeath = tell }
    }

    /// What the next process finds: with everything that was written, or without a part of what
    /// was not synced, as after a loss of power.
    func remains(losingPower: Bool, _ random: inout SplitMix) -> MemoryDisk.Image {
        let disk = state.withLock { $0.death?.disk } ?? seen.state.withLock { $0 }
        guard losingPower else {
            return MemoryDisk.Image(files: disk.names.mapValues { disk.inodes[$0].content })
        }
        var names = disk.syncedNames
        for change in disk.changes where random.once(in: 2) {
            MemoryDisk.State.apply(change, to: &names)
        }
        var image = MemoryDisk.Image()
        for (name, inode) in names.sorted(by: { $0.key < $1.key }) {
            let file = disk.inodes[inode]
            var content = Array(file.content.prefix(file.syncedCount))
            let rest = file.content.dropFirst(file.syncedCount)
            if !rest.isEmpty {
                let kept = random.below(rest.count + 1)
                let isZeroed = random.once(in: 4)
                content += isZeroed ? Array(repeating: 0, count: kept) : Array(rest.prefix(kept))
            }
            image.files[name] = content
        }
        return image
    }

    // MARK: Calls

    var disk: Disk {
        var disk = memory.disk
        let real = disk
        disk.write = { file, bytes in
            self.call("write") { fault in
                switch fault {
                case .full?: -Int(ENOSPC)
                case .writeFails?: -Int(EIO)
                case .shortWrite? where bytes.count > 1:
                    real.write(file, UnsafeRawBufferPointer(rebasing: bytes[..<(bytes.count / 2)]))
                default: real.write(file, bytes)
                }
            }
        }
        disk.syncFile = { file in
            self.call("syncFile") { $0 == .syncFails ? -EIO : real.syncFile(file) }
        }
        disk.create = { directory, name in
            self.call("create") { $0 == .createFails ? -EIO : real.create(directory, name) }
        }
        disk.rename = { directory, from, to in
            self.call("rename") { $0 == .renameFails ? -EIO : real.rename(directory, from, to) }
        }
        disk.syncDirectory = { directory in
            self.call("syncDirectory") { _ in real.syncDirectory(directory) }
        }
        disk.remove = { directory, name in
            self.call("remove") { _ in real.remove(directory, name) }
        }
        return disk
    }

    /// A process that is dead calls nothing any more.
    private func call<Result: SignedInteger>(
        _ name: String, _ body: (Fault?) -> Result
    ) -> Result {
        let (isDead, fault) = state.withLock { state in
            if state.death == nil, let left = state.callsToDeath {
                state.callsToDeath = left - 1
                if left <= 0 {
                    state.death = (seen.state.withLock { $0 }, name)
                    state.tellDeath()
                }
            }
            return (state.death != nil, state.fault)
        }
        return isDead ? -Result(EIO) : body(fault)
    }
}
