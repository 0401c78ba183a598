package import OpwatchCore

/// Looks at a journal without its lock, beside a running daemon too; writes nothing.
///
/// Without the lock the tail of the newest file may be a batch in the making: it shows as torn.
package enum JournalInspection {
    /// Reads the state as of the last good line.
    /// - Throws: `tooNew`, `io`.
    package static func read(
        directory path: String, disk: Disk = .live, _ replay: (ReplayStep) -> Void = { _ in }
    ) throws(JournalError) -> Recovered {
        let directory = try JournalDirectory(path: path, disk: disk)
        return try JournalReader.read(directory, .isDamage, replay).recovered
    }

    /// Checks every line of every file, that each file goes on where the one before it ends, and
    /// that a start could fold the newest.
    /// - Throws: `io`; damage, and files that may not be read, are part of the report.
    package static func verify(
        directory path: String, disk: Disk = .live
    ) throws(JournalError) -> JournalReport {
        let directory = try JournalDirectory(path: path, disk: disk)
        var report = JournalReport()
        let chain = try JournalChain.walk(directory) { link throws(JournalError) in
            let file = try JournalReport.File(link, in: directory) { _ in }
            // One that was there in both its forms comes again when the first is gone.
            report.files.removeAll { $0.name == file.name }
            report.files.append(file)
        }
        report.ignored = chain.ignored.names
        report.ignoredCount = chain.ignored.count
        var replay = Replay()
        do throws(JournalError) {
            _ = try JournalReader.read(directory, .isDamage) { replay.take($0) }
        } catch {
            // The report has it: it concerns a file that a start would need.
            guard error.concernsOneFile, report.unread != nil else { throw error }
            return report
        }
        if let misfit = replay.misfit {
            report.openDamage = misfit
        } else if let damage = replay.state.damage, report.damage == nil {
            report.openDamage = try place(of: damage, in: directory)
        }
        return report
    }

    /// What is wrong at the place that a `damage` line names, as far as the file still shows it.
    private static func place(
        of damage: WatchState.Damage, in directory: borrowing JournalDirectory
    ) throws(JournalError) -> BadLine {
        func unplaced(_ what: String) -> BadLine {
            BadLine(file: damage.file, line: nil, offset: damage.offset, what: what)
        }
        guard directory.has(damage.file) else { return unplaced("the file is not there any more") }
        guard let file = JournalFile(name: damage.file),
            case .file(let descriptor) = try directory.open(file.name)
        else { return unplaced("a start could not use this file") }
        var replay = Replay()
        replay.take(.begin(file: file.name))
        let reading = try FileReader(file, descriptor, of: directory.disk).read { read in
            guard case .record(let record) = read.line.content else { return }
            replay.take(.record(record, read.place))
        }
        return [replay.misfit, reading.firstBad].compactMap { $0 }
            .first { $0.offset == damage.offset }
            ?? unplaced("a start could not use what stood there, now nothing is wrong with it")
    }

    /// Gives every line that counts as one line of text, oldest first; a checkpoint only of the
    /// oldest file, since it repeats what came before.
    /// - Returns: the report of `verify`, for what was left out.
    /// - Throws: `tooNew`, `io`.
    package static func dump(
        directory path: String, _ filter: TimelineFilter = TimelineFilter(),
        as form: TimelineForm = .text, disk: Disk = .live, to line: (String) -> Void
    ) throws(JournalError) -> JournalReport {
        let report = try verify(directory: path, disk: disk)
        var filter = filter
        try visit(path, disk: disk) { found in
            if filter.takes(found) { line(form.line(found)) }
        }
        return report
    }

    /// Gives every record that counts, oldest first; a checkpoint only of the oldest file.
    /// - Throws: `tooNew`, `io`.
    package static func history(
        directory path: String, disk: Disk = .live
    ) throws(JournalError) -> [JournalRecord] {
        var records: [JournalRecord] = []
        try visit(path, disk: disk) { line in
            if let record = line.content.told { records.append(record) }
        }
        return records
    }

    private static func visit(
        _ path: String, disk: Disk, _ line: (JournalLine) -> Void
    ) throws(JournalError) {
        let directory = try JournalDirectory(path: path, disk: disk)
        var isOldest = true
        _ = try JournalChain.walk(directory) { link throws(JournalError) in
            if link.isSuperseded { return }
            let file = try JournalReport.File(link, in: directory) { read in
                if isOldest || !read.isCheckpoint { line(read.line) }
            }
            if file.lines > 0 { isOldest = false }
        }
    }
}
