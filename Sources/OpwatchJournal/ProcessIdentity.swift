internal import Glibc

/// Who writes the journal, for the `open` line and the header.
package struct ProcessIdentity: Sendable, Equatable {
    /// `getpid(2)`.
    package let pid: Int32
    /// `gethostname(2)`.
    package let host: String
    /// The kernel's boot id; empty where it cannot be read.
    package let boot: String

    /// An identity of any process, for tests.
    package init(pid: Int32, host: String, boot: String) {
        self.pid = pid
        self.host = host
        self.boot = boot
    }

    /// As the owner of a lock.
    var holder: JournalError.Holder { JournalError.Holder(pid: pid, host: host) }

    /// This process on this machine.
    package static func current() -> ProcessIdentity {
        ProcessIdentity(pid: getpid(), host: hostName(), boot: bootID())
    }

    private static func hostName() -> String {
        var buffer = [UInt8](repeating: 0, count: 256)
        let result = buffer.withUnsafeMutableBytes { bytes in
            bytes.withMemoryRebound(to: CChar.self) { text in
                text.baseAddress.map { gethostname($0, text.count - 1) } ?? -1
            }
        }
        return result == 0 ? String(decoding: buffer.prefix { $0 != 0 }, as: UTF8.self) : ""
    }

    private static func bootID() -> String {
        let number = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC)
        guard number >= 0 else { return "" }
        let file = OwnedDescriptor(adopting: number, of: .live)
        var buffer = [UInt8](repeating: 0, count: 64)
        let count = buffer.withUnsafeMutableBytes { read(file.number, $0.baseAddress, $0.count) }
        let text = buffer.prefix(max(count, 0)).prefix { $0 > UInt8(ascii: " ") && $0 < 0x7F }
        return String(decoding: text, as: UTF8.self)
    }
}
