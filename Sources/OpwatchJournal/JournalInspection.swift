package import OpwatchCore

/// Looks at a journal without its lock, beside a running daemon too; writes nothing.
///
/// Without the lock the tail of the newest file may be a batch in the making: it shows as torn.
package enum JournalInspection {
    /// Reads the state as of the last good line.
    /// - Throws: `tooNew`, `io`.
    package static func read(
        directory path: String, disk: Disk = .live
    ) throws(JournalError) -> Recovered {
        try JournalReader.read(try JournalDirectory(path: path, disk: disk)).recovered
    }

    /// Checks every line of every file, and that each file goes on where the one before it ends.
    /// - Throws: `tooNew`, `io`; damage is part of the report.
    package static func verify(
        directory path: String, disk: Disk = .live
    ) throws(JournalError) -> JournalReport {
        let directory = try JournalDirectory(path: path, disk: disk)
        let listing = try directory.list()
        var report = JournalReport(ignored: listing.ignored)
        var limit: Limit?
        for file in listing.files.reversed() {
            if let limit, file.first > limit.afterSeq {
                report.files.append(.superseded(file))
                continue
            }
            guard let reading = try read(file, in: directory, limit: limit, { _, _ in }) else {
                let bad = BadLine(file: file.name, line: 1, offset: 0, what: "not a regular file")
                report.files.append(.damaged(file, bad))
                limit = nil
                continue
            }
            report.files.append(JournalReport.File(reading, state: state(of: reading, limit)))
            limit = reading.header.map { Limit(afterSeq: $0.afterSeq, afterBytes: $0.afterBytes) }
        }
        report.files.reverse()
        return report
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
        try visit(report, in: path, disk: disk) { found in
            if filter.takes(found) { line(form.line(found)) }
        }
        return report
    }

    private static func visit(
        _ report: JournalReport, in path: String, disk: Disk, _ line: (JournalLine) -> Void
    ) throws(JournalError) {
        let directory = try JournalDirectory(path: path, disk: disk)
        var isOldest = true
        for entry in report.files where entry.state != .superseded {
            let limit = Limit(afterSeq: entry.lastSeq, afterBytes: entry.bytes)
            let file = JournalFile(first: entry.firstSeq)
            let reading = try read(file, in: directory, limit: limit) { found, isCheckpoint in
                if isOldest || !isCheckpoint { line(found) }
            }
            if reading != nil { isOldest = false }
        }
    }

    /// Gives every record that counts, oldest first; a checkpoint only of the oldest file.
    /// - Throws: `tooNew`, `io`.
    package static func history(
        directory path: String, disk: Disk = .live
    ) throws(JournalError) -> [JournalRecord] {
        var records: [JournalRecord] = []
        try visit(try verify(directory: path, disk: disk), in: path, disk: disk) { line in
            if case .record(let record) = line.content { records.append(record) }
        }
        return records
    }

    /// How much of a file counts, by the header of the one behind it.
    private struct Limit {
        let afterSeq: Int64
        let afterBytes: Int64
    }

    private static func read(
        _ file: JournalFile, in directory: borrowing JournalDirectory, limit: Limit?,
        _ visit: (JournalLine, Bool) -> Void
    ) throws(JournalError) -> FileReading? {
        guard let descriptor = try directory.open(file) else { return nil }
        let reader = FileReader(
            file, descriptor, of: directory.disk, limit: limit?.afterBytes ?? .max)
        return try reader.read(visit)
    }

    private static func state(of reading: FileReading, _ limit: Limit?) -> JournalReport.State {
        if let bad = reading.firstBad {
            let isTorn = limit == nil && reading.isCheckpointGood && !reading.isDamaged
            return isTorn ? .torn(bad) : .damaged(bad)
        }
        guard let limit,
            limit.afterSeq != reading.lastSeq || limit.afterBytes != reading.goodBytes
        else { return .whole }
        return .damaged(
            BadLine(
                file: reading.file.name, line: reading.goodLines + 1, offset: reading.goodBytes,
                what: "ends at seq \(reading.lastSeq), the next file goes on from seq "
                    + "\(limit.afterSeq) at byte \(limit.afterBytes)"))
    }
}

extension JournalReport.File {
    fileprivate init(_ reading: FileReading, state: JournalReport.State) {
        self.init(
            name: reading.file.name, lines: reading.goodLines, firstSeq: reading.file.first,
            lastSeq: reading.lastSeq, bytes: reading.goodBytes, state: state)
    }

    fileprivate static func superseded(_ file: JournalFile) -> Self {
        Self(
            name: file.name, lines: 0, firstSeq: file.first, lastSeq: file.first - 1, bytes: 0,
            state: .superseded)
    }

    fileprivate static func damaged(_ file: JournalFile, _ bad: BadLine) -> Self {
        Self(
            name: file.name, lines: 0, firstSeq: file.first, lastSeq: file.first - 1, bytes: 0,
            state: .damaged(bad))
    }
}
