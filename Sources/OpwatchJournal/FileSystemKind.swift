internal import CLinux

/// What a file system is worth to a journal.
enum FileSystemKind: Equatable {
    case reliable
    /// Works, but forgets at a reboot or with its container.
    case forgetful(name: String)
    /// Locks or syncs cannot be relied upon.
    case refused(name: String)

    /// - Parameter magic: `f_type` of `statfs(2)`.
    init(magic: Int64) {
        switch UInt32(truncatingIfNeeded: magic) {
        case UInt32(NFS_SUPER_MAGIC): self = .refused(name: "NFS")
        case UInt32(SMB_SUPER_MAGIC), UInt32(CIFS_SUPER_MAGIC), UInt32(SMB2_SUPER_MAGIC):
            self = .refused(name: "CIFS")
        case UInt32(TMPFS_MAGIC): self = .forgetful(name: "tmpfs")
        case UInt32(RAMFS_MAGIC): self = .forgetful(name: "ramfs")
        case UInt32(OVERLAYFS_SUPER_MAGIC): self = .forgetful(name: "overlay")
        default: self = .reliable
        }
    }
}
