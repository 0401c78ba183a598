package import OpwatchCore
package import WireFormat

/// The journal of one directory: owns its lock, its newest file and the seq.
///
/// `open` reads, `start` writes the first line. A failed append or roll turns the journal down;
/// then nothing is written but by `repair`, which makes a new file from what the caller knows.
/// A state that was never durable must not be acted upon.
package struct Journal: ~Copyable, Sendable {
    /// What was found at `open`.
    package let recovered: Recovered
    /// Whether records can be made durable.
    package private(set) var health: Health
    /// The last seq that counts; while healthy it is durable.
    package private(set) var lastSeq: Int64

    /// The newest time of a service whose clock agreed with ours, told to this process, and our
    /// clock then; it tells later which files are past their time.
    private(set) var serverTime: (told: Timestamp, at: Timestamp)?

    let directory: JournalDirectory
    private let process: ProcessIdentity
    private let version: String
    private let preserved: [LineContent]
    /// What the start or `findLoss` found and no file tells yet.
    private var damage: BadLine?
    private var stage = Stage.read
    /// The file that was begun or taken up last; while down it is not written, and its place is
    /// watched.
    private var writer: JournalWriter?
    /// The file whose state this is, until all that was read of it is known to be on the disk.
    private var base: FileReading?
    /// How much of the newest file counts, as last looked up; a writer knows better.
    private var goodBytes: Int64
    /// The lowest seq that a new file may begin with.
    private var firstFree: Int64
    private var retryAfter = Self.retryMin
    /// What could not be told in its time.
    private var untold = Untold()
    /// What `retain` goes on with.
    var retaining: RetentionRound?

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
    ///   - unreadable: what it means that the disk does not give a part of a file.
    ///   - replay: takes the records in, as they are read.
    ///   - pulse: asked every few milliseconds whether to go on.
    /// - Throws: `locked`, `tooNew`, `unsupportedFileSystem`, `io`, `stopped`. Damage is no error:
    ///   see `recovered`.
    package static func open(
        directory path: String, now: Timestamp, version: String,
        process: ProcessIdentity = .current(), unreadable: Unreadable = .isFailure,
        disk: Disk = .live,
        _ replay: (ReplayStep) -> Void = { _ in },
        pulse: () -> Bool = { true }
    ) throws(JournalError) -> Journal {
        try JournalDirectory.create(path: path, disk: disk)
        let directory = try JournalDirectory(path: path, disk: disk)
        let fileSystem = try directory.fileSystem()
        if case .refused(let kind) = fileSystem {
            throw .unsupportedFileSystem(directory: path, kind: kind)
        }
        guard try directory.lock() else {
            throw .locked(directory: path, holder: holder(of: directory, pulse))
        }
        var contents = try JournalReader.read(directory, unreadable, pulse: pulse, replay)
        if case .forgetful(let name) = fileSystem { contents.recovered.forgetfulFileSystem = name }
        return Journal(
            contents, directory: directory, now: now, version: version, process: process)
    }

    private static func holder(
        of directory: borrowing JournalDirectory, _ pulse: () -> Bool
    ) -> JournalError.Holder? {
        do {
            let contents = try JournalReader.read(directory, .isFailure, pulse: pulse) { _ in }
            return contents.recovered.holder
        } catch {
            return nil
        }
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
        if case .damaged(let bad) = contents.recovered.tail { damage = bad }
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
    /// - Parameters:
    ///   - misfit: the first line that contradicts those before it, if there is one: damage too,
    ///     so that the newest file is left as it is.
    ///   - checkpoint: records that fold to the recovered state; asked for only by a new file.
    ///   - pulse: asked every few milliseconds of a new file whether to go on.
    /// - Returns: false where the pulse told to stop: then nothing was written, and the journal is
    ///   to be let go.
    @discardableResult
    package mutating func start(
        misfit: BadLine? = nil, checkpoint: some Sequence<JournalRecord>,
        at now: Timestamp, pulse: () -> Bool = { true }
    ) -> Bool {
        guard stage == .read else { return true }
        stage = .started(hasOpen: false)
        damage = damage ?? misfit
        do throws(JournalError) {
            try removeTemporaryFiles()
            if misfit == nil { try resume() }
            if writer == nil || needsRoll(at: now) {
                try roll(checkpoint, at: now, pulse)
            } else {
                health = .healthy
                appendFirstLines(at: now)
            }
        } catch {
            if case .stopped = error { return false }
            goDown(error.description, at: now)
        }
        return true
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

    /// What belongs at the beginning and is not there yet: `open`, damage that was found, and what
    /// could not be told in its time.
    private var firstLines: [LineContent] {
        var contents: [LineContent] = []
        if stage == .started(hasOpen: false) {
            let wasClean = recovered.isClosed || recovered.tail == .absent
            contents.append(
                .record(
                    .open(
                        pid: process.pid, host: process.host, version: version,
                        boot: process.boot, clean: wasClean)))
        }
        if let damage {
            // The checkpoint says that damage is there; this, that it was found now.
            contents.append(.record(.damage(file: damage.file, offset: damage.offset)))
        }
        return contents + untold.records.map(LineContent.restated)
    }

    private mutating func appendFirstLines(at now: Timestamp) {
        do {
            try write(firstLines, at: now)
            toldFirstLines()
        } catch {
            // The journal is down now; the next repair writes the lines.
        }
    }

    private mutating func toldFirstLines() {
        base = nil
        damage = nil
        stage = .started(hasOpen: true)
        untold.removeAll()
    }

    /// Writes `close` and lets the file go; the lock ends with this value.
    /// - Throws: where the line is not durable; the journal is down then, as after an append.
    package mutating func close(at now: Timestamp) throws(JournalError) {
        guard stage != .closed else { return }
        abandonRetention()
        try write([.record(.close)], at: now)
        stage = .closed
        writer = nil
        health = .down(reason: "closed", since: now, retryAfter: Self.retryMax)
    }
}

// MARK: Recording

extension Journal {
    /// Makes records durable, as one batch, before it returns.
    ///
    /// After an error other than `unwritable` the journal is down, and the next `repair` is given a
    /// checkpoint that has the records; what of them an auditor may ask for is told behind it.
    /// - Throws: `unwritable` (nothing was written), `io`, `shortWrite`, `displaced`, `lost`,
    ///   `intruded`, `down`.
    package mutating func append(
        _ records: [JournalRecord], at now: Timestamp
    ) throws(JournalError) {
        do throws(JournalError) {
            try write(records.map(LineContent.record), at: now)
        } catch {
            if case .unwritable = error { throw error }
            untold.take(records)
            throw error
        }
    }

    private mutating func write(
        _ contents: [LineContent], at now: Timestamp
    ) throws(JournalError) {
        if case .down(let reason, _, _) = health { throw .down(reason: reason) }
        do throws(JournalError) {
            guard let seq = try writer?.append(contents, at: now, to: directory) else {
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
        // One that is not durable was never decided: nobody is told of it later.
        try write([.record(.intent(intent))], at: now)
        return RecordedIntent(durable: intent)
    }

    /// Keeps the text of a policy as `policies/HASH.yaml`, in the place of any other text.
    ///
    /// Does not change the journal's health.
    package func storePolicyText(_ text: [UInt8], hash: PolicyHash) throws(JournalError) {
        try PolicyStore.store(text, hash: hash, in: directory)
    }

    /// How many lines were never told, because the journal was down for too long; from then on 0.
    package mutating func takeUntoldCount() -> Int {
        untold.takeDroppedCount()
    }

    /// Takes note of the time of a service whose clock agrees with the local one.
    package mutating func note(serverTime time: Timestamp, at now: Timestamp) {
        if let known = serverTime, known.told > time { return }
        serverTime = (told: time, at: now)
    }

    private mutating func goDown(_ reason: String, at now: Timestamp) {
        let since =
            if case .down(_, let since, _) = health { since } else { now }
        health = .down(reason: reason, since: since, retryAfter: retryAfter)
        retryAfter = min(retryAfter * 2, Self.retryMax)
    }
}

// MARK: Rolling

extension Journal {
    /// Whether `repair` is due although all is well: the records outgrew the checkpoint, or a day
    /// went by and a service told the time, from which later files know the age of this one.
    package func needsRoll(at now: Timestamp) -> Bool {
        writer?.needsRoll(at: now, countsAge: serverTime != nil) ?? false
    }

    /// Looks, before a repair, whether what was durable is still there; what is not is damage, of
    /// which the checkpoint must tell.
    package mutating func findLoss() -> BadLine? {
        do throws(JournalError) {
            try writer?.checkLoss(in: directory)
            if let base { try directory.checkLoss(of: base) }
            return nil
        } catch {
            // What else is wrong stands in the way of the repair too.
            guard case .lost(let file, let offset) = error else { return nil }
            goodBytes = writer?.goodBytes ?? goodBytes
            writer = nil
            base = nil
            damage = BadLine(file: file, line: nil, offset: offset, what: error.description)
            return damage
        }
    }

    /// Begins a new file with the checkpoint; the one repair, for a journal that is down, large
    /// or a day old.
    /// - Parameters:
    ///   - checkpoint: records that fold to the caller's state.
    ///   - pulse: asked every few milliseconds whether to go on. Where it tells to stop, a file
    ///     that is healthy stays in use.
    /// - Returns: whether the journal is healthy now.
    @discardableResult
    package mutating func repair(
        checkpoint: some Sequence<JournalRecord>, at now: Timestamp,
        pulse: () -> Bool = { true }
    ) -> Bool {
        guard case .started = stage else { return false }
        do throws(JournalError) {
            try roll(checkpoint, at: now, pulse)
        } catch {
            if case .stopped = error, health == .healthy, writer != nil { return true }
            goDown(error.description, at: now)
            return false
        }
        return true
    }

    private mutating func roll(
        _ checkpoint: some Sequence<JournalRecord>, at now: Timestamp, _ pulse: () -> Bool
    ) throws(JournalError) {
        goodBytes = writer?.goodBytes ?? goodBytes
        let roll = Roll(
            first: max(lastSeq + 1, firstFree),
            header: JournalHeader(
                afterSeq: lastSeq, afterBytes: goodBytes, boot: process.boot, build: version,
                writer: process.holder, serverTime: reckonedServerTime(at: now)),
            preserved: preserved, firstLines: firstLines, at: now)
        try directory.checkPlace()
        try syncBase()
        let rolled = try roll.perform(checkpoint, in: directory, pulse: pulse)
        lastSeq = rolled.lastSeq
        writer = consume rolled
        health = .healthy
        retryAfter = Self.retryMin
        toldFirstLines()
    }

    /// A killed daemon may have left lines, and the name of their file, that it never synced: they
    /// must be on the disk before a header says that they count. Tried once, since a second sync
    /// would prove nothing.
    private mutating func syncBase() throws(JournalError) {
        guard let name = base?.file.name else { return }
        switch try directory.open(name) {
        case .notAFile: throw .lost(file: name, offset: 0)
        case .refused(let error): throw error
        case .file(let descriptor):
            base = nil
            let disk = directory.disk
            _ = try disk.check(disk.syncFile(descriptor.number), "fdatasync", name)
            try directory.sync()
        }
    }

    /// What was written since a service told the time is younger than that.
    private func reckonedServerTime(at now: Timestamp) -> Timestamp? {
        serverTime.map { $0.told.advanced(by: max(now.duration(since: $0.at), .zero)) }
    }
}
