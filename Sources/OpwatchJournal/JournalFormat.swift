/// The format of the files that this version writes.
enum JournalFormat {
    /// Raised with each change that an older reader must not overlook.
    static let current: Int64 = 1
}
