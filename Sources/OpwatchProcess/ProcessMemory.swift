import CLinux

/// What others may see of this process.
package enum ProcessMemory {
    /// No core file, and no debugger of the same user: both would show tokens and keys.
    package static func forbidDumps() {
        _ = forbid_dumps()
    }
}
