/// What changes when a file is written again or replaced.
package struct FileFingerprint: Sendable, Hashable {
    /// Of the file system, as stat(2) numbers it.
    package let device: UInt64
    /// Of the file in its file system.
    package let inode: UInt64
    /// Bytes.
    package let size: Int64
    /// Since 1970, of the content and of the file's entry.
    package let modified: Duration
    package let changed: Duration

    package init(
        device: UInt64, inode: UInt64, size: Int64, modified: Duration, changed: Duration
    ) {
        self.device = device
        self.inode = inode
        self.size = size
        self.modified = modified
        self.changed = changed
    }
}
