package import OpwatchCore
package import WireFormat

/// The journal of one directory: owns its lock, its newest file and the seq.
///
/// `open` reads, `start` writes the first line. A failed append or roll turns the journal down;
/// then nothing is written but by `repair`, which makes a new file from what the caller knows.
/// A state that was never durable must not be acted upon.
package struct Journal: ~Copyable, Sendable {
    /// What was found at `open`; its records are let go at `start`.
    package private(set) var recovered: Recovered
    /// Whether records can be made durable.
    package private(set) var health: Health
    /// The last seq that counts; while healthy it is durable.
    package private(set) var lastSeq: Int64

    private let directory: JournalDirectory
    private let process: ProcessIdentity
    private let version: String
    private let preserved: [LineContent]
    private var stage = Stage.read
    /// Nil while down, before `start` and after `close`.
    private var writer: JournalWriter?
    /// The file whose state this is, for as long as no writer has it.
    private var base: FileReading?
    /// How much of the newest file counts.
    private var goodBytes: Int64
    /// The lowest seq that a new file may begin with.
    private var firstFree: Int64
    private var retryAfter = Self.retryMin

    /// Whether appends are possible.
    package enum Health: Sendable, Equatable {
        case healthy
        /// `repair` is worth a try when `retryAfter` went by since the last one.
        case down(reason: String, since: Timestamp, retryAfter: Duration)
    }

    private enum Stage: Equatable {
        case read
        /// `hasOpen`: whether the `open` line of this process is durable.
        case started(hasOpen: Bool)
        case closed
    }

    private static let retryMin = Duration.seconds(1)
    private static let retryMax = Duration.seconds(300)

    /// Takes the lock and reads; writes nothing but a missing directory (0750).
    /// - Parameters:
    ///   - now: the wall clock.
    ///   - version: of this program; another one than the file's begins a new file at `start`.
    /// - Throws: `locked`, `tooNew`, `unsupportedFileSystem`, `io`. Damage is no error: see
    ///   `recovered`.
    package static func open(
        directory path: String, now: Timestamp, version: String,
        process: ProcessIdentity = .current(), disk: Disk = .live
    ) throws(JournalError) -> Journal {
        try JournalDirectory.create(path: path, disk: disk)
        let directory = try JournalDirectory(path: path, disk: disk)
        let fileSystem = try directory.fileSystem()
        if case .refused(let kind) = fileSystem {
            throw .unsupportedFileSystem(directory: path, kind: kind)
        }
        guard try directory.lock() else {
            throw .locked(directory: path, holder: holder(of: directory))
        }
        var contents = try JournalReader.read(directory)
        if case .forgetful(let name) = fileSystem { contents.recovered.forgetfulFileSystem = name }
        return Journal(
            contents, directory: directory, now: now, version: version, process: process)
    }

    private static func holder(of directory: borrowing JournalDirectory) -> JournalError.Holder? {
        do { return try JournalReader.read(directory).recovered.holder } catch { return nil }
    }

    private init(
        _ contents: JournalReader.Contents, directory: consuming JournalDirectory, now: Timestamp,
        version: String, process: ProcessIdentity
    ) {
        recovered = contents.recovered
        health = .down(reason: "not started", since: now, retryAfter: Self.retryMin)
        lastSeq = contents.recovered.lastSeq
        self.directory = directory
        self.process = process
        self.version = version
        preserved = contents.preserved
        base = contents.base
        goodBytes = contents.base?.goodBytes ?? 0
        // Behind a torn tail the count goes on densely; damage leaves a gap, so that neither a
        // seq that was durable nor the name of a file that is evidence is used again.
        firstFree = contents.recovered.isDamaged ? contents.highestSeq + 1 : 1
    }
}

// MARK: Beginning and ending

extension Journal {
    /// Writes the `open` line, in a new file where the newest one cannot or should not go on.
    ///
    /// Where this fails the journal starts down.
    /// - Parameter checkpoint: the shortest list of records that folds to the recovered state.
    package mutating func start(checkpoint: [JournalRecord], at now: Timestamp) {
        guard stage == .read else { return }
        stage = .started(hasOpen: false)
        recovered.records = []
        do {
            try removeTemporaryFiles()
            try resume()
        } catch {
            goDown(error.description, at: now)
            return
        }
        if writer?.needsRoll(at: now) ?? true {
            repair(checkpoint: checkpoint, at: now)
        } else {
            health = .healthy
            writeOpen(at: now)
        }
    }

    private func removeTemporaryFiles() throws(JournalError) {
        for name in try directory.list().temporary {
            try directory.remove(name)
        }
    }

    /// Takes the newest file up again if it is whole and of this version.
    private mutating func resume() throws(JournalError) {
        guard recovered.tail == .clean, let base, base.header?.build == version,
            let startedAt = base.headerAt, let checkpointBytes = base.checkpointBytes
        else { return }
        // The process before may have died between its rename and this.
        try directory.sync()
        let descriptor = try directory.reopen(base.file.name)
        writer = JournalWriter(
            file: base.file, startedAt: startedAt, checkpointBytes: checkpointBytes,
            goodBytes: base.goodBytes, lastSeq: base.lastSeq, syncedSeq: base.durableSeq,
            descriptor: descriptor)
    }

    private mutating func writeOpen(at now: Timestamp) {
        let wasClean = recovered.isClosed || recovered.tail == .absent
        let open = JournalRecord.open(
            pid: process.pid, host: process.host, version: version, boot: process.boot,
            clean: wasClean)
        do {
            try append([open], at: now)
            stage = .started(hasOpen: true)
        } catch {
            // `append` has turned the journal down; the next repair writes the line.
        }
    }

    /// Writes `close` and lets the file go; the lock ends with this value.
    /// - Throws: where the line is not durable, which the next start will notice.
    package mutating func close(at now: Timestamp) throws(JournalError) {
        guard stage != .closed else { return }
        defer {
            stage = .closed
            writer = nil
            health = .down(reason: "closed", since: now, retryAfter: Self.retryMax)
        }
        try append([.close], at: now)
    }
}

// MARK: Recording

extension Journal {
    /// Makes records durable, as one batch, before it returns.
    ///
    /// After an error other than `unwritable` the journal is down and the records may or may not
    /// be found by the next reader. `repair` with a checkpoint that has them makes them durable;
    /// with one that has not, append them again.
    /// - Throws: `unwritable` (nothing was written), `io`, `shortWrite`, `down`.
    package mutating func append(
        _ records: [JournalRecord], at now: Timestamp
    ) throws(JournalError) {
        if case .down(let reason, _, _) = health { throw .down(reason: reason) }
        do throws(JournalError) {
            guard let seq = try writer?.append(records, at: now, disk: directory.disk) else {
                throw JournalError.down(reason: "no file is open")
            }
            lastSeq = seq
        } catch {
            if case .unwritable = error { throw error }
            goDown(error.description, at: now)
            throw error
        }
    }

    /// Makes an intent durable; the proof is what the gate asks for.
    package mutating func record(
        intent: JournalRecord.Intent, at now: Timestamp
    ) throws(JournalError) -> RecordedIntent {
        try append([.intent(intent)], at: now)
        return RecordedIntent(durable: intent)
    }

    /// Keeps the text of a policy as `policies/HASH.yaml`; one that is there stays.
    ///
    /// Does not change the journal's health.
    package func storePolicyText(_ text: [UInt8], hash: PolicyHash) throws(JournalError) {
        try PolicyStore.store(text, hash: hash, in: directory)
    }

    private mutating func goDown(_ reason: String, at now: Timestamp) {
        goodBytes = writer?.goodBytes ?? goodBytes
        writer = nil
        let since =
            if case .down(_, let since, _) = health { since } else { now }
        health = .down(reason: reason, since: since, retryAfter: retryAfter)
        retryAfter = min(retryAfter * 2, Self.retryMax)
    }
}

// MARK: Rolling

extension Journal {
    /// Whether `repair` is due although all is well: the records outgrew the checkpoint, or a
    /// day went by.
    package func needsRoll(at now: Timestamp) -> Bool {
        writer?.needsRoll(at: now) ?? false
    }

    /// Begins a new file with the checkpoint; the one repair, for a journal that is down, large
    /// or a day old.
    /// - Parameter checkpoint: the shortest list of records that folds to the caller's state.
    /// - Returns: whether the journal is healthy now.
    @discardableResult
    package mutating func repair(checkpoint: [JournalRecord], at now: Timestamp) -> Bool {
        guard case .started(let hasOpen) = stage else { return false }
        goodBytes = writer?.goodBytes ?? goodBytes
        writer = nil
        let first = max(lastSeq + 1, firstFree)
        let roll = Roll(
            first: first,
            header: JournalHeader(
                afterSeq: lastSeq, afterBytes: goodBytes, boot: process.boot, build: version),
            checkpoint: checkpoint.filter { !$0.isUnknown }, preserved: preserved, at: now)
        do {
            let rolled = try roll.perform(in: directory)
            lastSeq = rolled.lastSeq
            writer = consume rolled
            health = .healthy
            retryAfter = Self.retryMin
        } catch {
            goDown(error.description, at: now)
            return false
        }
        if !hasOpen { writeOpen(at: now) }
        return health == .healthy
    }
}

extension JournalRecord {
    /// Whether the record stands for a line that only the journal itself can carry over.
    fileprivate var isUnknown: Bool {
        if case .unknown = self { true } else { false }
    }
}
