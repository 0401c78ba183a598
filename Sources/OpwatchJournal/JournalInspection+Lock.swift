extension JournalInspection {
    /// Whether a process owns the journal at this moment, whatever its files say.
    ///
    /// Takes the lock for that moment itself if nobody has it.
    /// - Throws: `io`.
    package static func isInUse(
        directory path: String, disk: Disk = .live
    ) throws(JournalError) -> Bool {
        let directory = try JournalDirectory(path: path, disk: disk)
        return try !directory.lock()
    }
}
