import CLinux

/// What others may see of this process.
enum ProcessMemory {
    /// No core file, and no debugger of the same user: both would show tokens and keys.
    static func forbidDumps() {
        _ = forbid_dumps()
    }
}
