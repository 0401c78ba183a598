import Glibc
import OpwatchJournal
import Synchronization

/// The real disk, but for one call that fails; remembers what was called.
final class FaultyDisk: Sendable {
    enum Fault: Sendable, CaseIterable {
        /// The call fails and has no effect.
        case before
        /// The call has its effect and fails.
        case after
        /// A write takes half; other calls fail.
        case half
    }

    private struct State {
        var calls: [String] = []
        var failing: Range<Int>
    }

    private let state: Mutex<State>
    private let fault: Fault
    private let code: Int32

    /// - Parameter failing: the numbers of the calls that fail, counted from 0.
    init(failing: Range<Int>, _ fault: Fault = .before, code: Int32 = EIO) {
        state = Mutex(State(failing: failing))
        self.fault = fault
        self.code = code
    }

    var calls: [String] { state.withLock { $0.calls } }

    /// Whether this call fails.
    private func fails(_ name: String) -> Bool {
        state.withLock { state in
            let fails = state.failing.contains(state.calls.count)
            state.calls.append(fails ? name + " fails" : name)
            return fails
        }
    }

    private func call(_ name: String, _ live: () -> Int32) -> Int32 {
        guard fails(name) else { return live() }
        if fault == .after {
            let result = live()
            if name == "create" || name == "reopen" { close(result) }
        }
        return -code
    }

    var disk: Disk {
        let live = Disk.live
        var disk = live
        disk.create = { directory, name in self.call("create") { live.create(directory, name) } }
        disk.reopen = { directory, name in self.call("reopen") { live.reopen(directory, name) } }
        disk.write = { file, bytes in
            guard self.fails("write") else { return live.write(file, bytes) }
            switch self.fault {
            case .before: return -Int(self.code)
            case .after:
                _ = live.write(file, bytes)
                return -Int(self.code)
            case .half:
                let half = UnsafeRawBufferPointer(rebasing: bytes[..<(bytes.count / 2)])
                return live.write(file, half)
            }
        }
        disk.syncFile = { file in self.call("syncFile") { live.syncFile(file) } }
        disk.syncDirectory = { file in self.call("syncDirectory") { live.syncDirectory(file) } }
        disk.rename = { directory, from, to in
            self.call("rename") { live.rename(directory, from, to) }
        }
        disk.remove = { directory, name in self.call("remove") { live.remove(directory, name) } }
        return disk
    }
}
