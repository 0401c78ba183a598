/// What `verify` found, oldest file first.
package struct JournalReport: Sendable, Equatable {
    /// Every file of the journal.
    package var files: [File] = []
    /// Names in the directory that are none of the journal's: the first of them, by name.
    package var ignored: [String] = []
    /// How many such names there are.
    package var ignoredCount = 0
    /// Every file is good as far as it counts, and yet a start would only observe: an earlier
    /// damage that nobody accepted, or lines that contradict one another.
    package var openDamage: BadLine?

    /// What one file holds.
    package struct File: Sendable, Equatable {
        /// In the directory.
        package let name: String
        /// Good lines, header and checkpoint included.
        package let lines: Int
        /// By its name.
        let firstSeq: Int64
        /// The last seq that counts; one less than the first where none does.
        package let lastSeq: Int64
        /// Bytes that count.
        package let bytes: Int64
        /// Whether all of it is good.
        package let state: State
    }

    /// What became of a file.
    package enum State: Sendable, Equatable {
        case whole
        /// A journal file past its time: its audit lines, all of them.
        case thinned
        /// The newest file ends with lines that were never durable.
        case torn(BadLine)
        /// Something durable is gone.
        case damaged(BadLine)
        /// A later file goes on from an earlier one; this one does not count.
        case superseded
        /// Nothing is known: no permission, or a later version wrote it.
        case unread(JournalError)
    }

    /// The first damage, by age of the file.
    package var damage: BadLine? {
        for file in files {
            if case .damaged(let bad) = file.state { return bad }
        }
        return openDamage
    }

    /// Why a file could not be judged, of the oldest such file.
    package var unread: JournalError? {
        for file in files {
            if case .unread(let error) = file.state { return error }
        }
        return nil
    }

    /// By sysexits: 65 when something durable is gone, else that of a file that could not be
    /// judged, else 0.
    package var exitCode: Int32 { damage == nil ? unread?.exitCode ?? 0 : 65 }
}

extension JournalReport.File: CustomStringConvertible {
    /// One line of `journal verify`.
    package var description: String {
        switch state {
        case .whole: "\(name): \(lines) lines, seq \(firstSeq) to \(lastSeq)"
        case .thinned: "\(name): \(lines - 1) audit lines of seq \(firstSeq) to \(lastSeq)"
        case .torn(let bad):
            "\(name): \(lines) lines, seq \(firstSeq) to \(lastSeq); torn at \(bad.place): "
                + "\(bad.what); nothing acknowledged is lost"
        case .damaged(let bad):
            "\(name): damaged at \(bad.place): \(bad.what)"
        case .unread(let error): "\(name): not checked: \(error)"
        case .superseded: "\(name): not part of the journal, a later file goes on without it"
        }
    }
}

extension JournalReport.File {
    /// Reads the file of a link and gives its good lines that count to `visit`.
    /// - Throws: `io`, for what concerns more than the file.
    init(
        _ link: JournalChain.Link, in directory: borrowing JournalDirectory,
        _ visit: (ReadLine) -> Void
    ) throws(JournalError) {
        if link.isSuperseded {
            self.init(link, state: .superseded)
            return
        }
        do throws(JournalError) {
            try self.init(reading: link, in: directory, visit)
        } catch {
            guard error.concernsOneFile else { throw error }
            if let what = error.unreadable {
                let bad = BadLine(file: link.part.name, line: 1, offset: 0, what: what)
                self.init(link, state: .damaged(bad))
            } else {
                self.init(link, state: .unread(error))
            }
        }
    }

    private init(
        reading link: JournalChain.Link, in directory: borrowing JournalDirectory,
        _ visit: (ReadLine) -> Void
    ) throws(JournalError) {
        switch try directory.open(link.part.name) {
        case .notAFile: self.init(link, state: .damaged(.notAFile(link.part.name)))
        case .refused(let error): throw error
        case .file(let descriptor):
            switch link.part {
            case .journal(let file):
                let reading = try Self.read(file, descriptor, link.limit, in: directory, visit)
                self.init(reading, link.limit)
            case .history(let file):
                let reader = HistoryReader(file, descriptor, of: directory.disk)
                self.init(file, try reader.read(visit), link.limit)
            }
        }
    }

    private static func read(
        _ file: JournalFile, _ descriptor: consuming OwnedDescriptor, _ limit: JournalChain.Limit?,
        in directory: borrowing JournalDirectory, _ visit: (ReadLine) -> Void
    ) throws(JournalError) -> FileReading {
        let reader = FileReader(
            file, descriptor, of: directory.disk, limit: limit?.afterBytes ?? .max)
        let reading = try reader.read(visit)
        guard let limit, reading.bytes == limit.afterBytes, reading.lastSeq < limit.afterSeq,
            case .file(let again) = try directory.open(file.name)
        else { return reading }
        // Cut where another file ended, which is not there: its own end counts.
        let known = reading.goodLines
        return try FileReader(file, again, of: directory.disk).read { read in
            if read.place.line > known { visit(read) }
        }
    }

    private init(_ link: JournalChain.Link, state: JournalReport.State) {
        self.init(
            name: link.part.name, lines: 0, firstSeq: link.part.first,
            lastSeq: link.part.first - 1, bytes: 0, state: state)
    }

    init(_ reading: FileReading, _ limit: JournalChain.Limit?) {
        let state: JournalReport.State
        if let bad = reading.firstBad {
            let isTorn = limit == nil && reading.isCheckpointGood && !reading.isDamaged
            state = isTorn ? .torn(bad) : .damaged(bad)
        } else if let limit,
            limit.afterSeq != reading.lastSeq || limit.afterBytes != reading.goodBytes
        {
            state = .damaged(
                BadLine(
                    file: reading.file.name, line: reading.goodLines + 1,
                    offset: reading.goodBytes,
                    what: "ends at seq \(reading.lastSeq), the next file goes on from seq "
                        + "\(limit.afterSeq) at byte \(limit.afterBytes): what is between them "
                        + "is not there"))
        } else {
            state = .whole
        }
        self.init(
            name: reading.file.name, lines: reading.goodLines, firstSeq: reading.file.first,
            lastSeq: reading.lastSeq, bytes: reading.goodBytes, state: state)
    }

    init(_ file: HistoryFile, _ reading: HistoryReading, _ limit: JournalChain.Limit?) {
        let state: JournalReport.State
        if let bad = reading.firstBad {
            state = .damaged(bad)
        } else if let limit, limit.afterSeq != file.last {
            state = .damaged(
                BadLine(
                    file: file.name, line: reading.goodLines + 1, offset: reading.bytes,
                    what: "ends at seq \(file.last), the next file goes on from seq "
                        + "\(limit.afterSeq): what is between them is not there"))
        } else {
            state = .thinned
        }
        self.init(
            name: file.name, lines: reading.goodLines, firstSeq: file.first, lastSeq: file.last,
            bytes: reading.bytes, state: state)
    }
}
