import Foundation
import OpwatchCore
import OpwatchJournal
import Synchronization
import WireFormat

/// A directory of its own for one test; gone with the value.
final class Scratch {
    let path: String
    /// What the last `open` or `look` read.
    private(set) var records: [JournalRecord] = []

    init() throws {
        // Thousands of files are rewritten; in memory that takes a tenth of the time.
        let parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
        var template = Array("\(parent)/opwatch-journal-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw CocoaError(.fileWriteUnknown) }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    var names: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
    }

    func read(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(name)")))
    }

    func write(_ bytes: some Sequence<UInt8>, to name: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
    }

    func open(
        version: String = "1.0.0", at now: Timestamp = .start, disk: Disk = .patient
    ) throws(JournalError) -> Journal {
        records = []
        return try Journal.open(
            directory: path, now: now, version: version, process: .testing, disk: disk
        ) { records.take($0) }
    }

    /// Reads without the lock.
    func look() throws(JournalError) -> Recovered {
        records = []
        return try JournalInspection.read(directory: path) { records.take($0) }
    }

    /// Writes a journal, one batch an append, and closes it without `close`, as a kill would.
    func journal(_ batches: [[JournalRecord]]) throws {
        var journal = try open()
        journal.start(checkpoint: [], at: .start)
        for batch in batches { try journal.append(batch, at: .start) }
    }
}

extension [JournalRecord] {
    /// Keeps what is read as it is, whether or not it could be folded.
    mutating func take(_ step: ReplayStep) {
        switch step {
        case .begin: removeAll()
        case .record(let record, _): append(record)
        case .damaged(let bad): append(.damage(file: bad.file, offset: bad.offset))
        }
    }
}

extension Disk {
    /// This disk, with a file of which it gives nothing behind so many bytes.
    func unreadable(_ name: String, behind bytes: Int = 0) -> Disk {
        let whole = self
        let left = Mutex<[Int32: Int]>([:])
        var disk = self
        disk.open = { directory, other in
            let number = whole.open(directory, other)
            left.withLock { $0[number] = other == name ? bytes : nil }
            return number
        }
        disk.read = { file, buffer in
            guard let room = left.withLock({ $0[file] }) else { return whole.read(file, buffer) }
            guard room > 0 else { return -Int(EIO) }
            let part = UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(room))
            let count = whole.read(file, part)
            left.withLock { $0[file] = room - count }
            return count
        }
        return disk
    }

    /// A child that another test forks holds the locks of this process until its exec: an owner
    /// that has just gone may seem to be there for a moment.
    static let patient = {
        var disk = Disk.live
        disk.lock = { directory in
            var result = Disk.live.lock(directory)
            for _ in 0..<100_000 where result == -EWOULDBLOCK {
                sched_yield()
                result = Disk.live.lock(directory)
            }
            return result
        }
        return disk
    }()
}

extension ProcessIdentity {
    static let testing = ProcessIdentity(pid: 4711, host: "night", boot: "b-1")
}

extension Timestamp {
    /// 2026-01-01T00:00:00Z.
    static let start = Timestamp(seconds: 1_767_225_600) ?? .init(fallback: ())

    private init(fallback: Void) {
        fatalError("2026 is inside the years")
    }

    static func + (left: Timestamp, right: Duration) -> Timestamp { left.advanced(by: right) }
}

extension JournalRecord {
    static let endpoint = Endpoint("https://ml.googleapis.com/v1")

    static func operation(_ name: String = "projects/acme/operations/x") -> OperationIdentity {
        OperationIdentity(endpoint: endpoint, name: name)
    }

    static func seen(_ number: Int) -> JournalRecord {
        .seen(
            Seen(
                partition: Partition(service: "ml", endpoint: endpoint, parent: "projects/acme"),
                name: "projects/acme/operations/\(number)", since: .start, isCreation: true))
    }

    static func intent(_ number: UInt64) -> JournalRecord {
        .intent(intentFields(number))
    }

    /// One that tells of others before it.
    static var laterIntent: JournalRecord {
        var fields = intentFields(9)
        fields.earlier.refusals = 2
        fields.earlier.unanswered = 3
        fields.earlier.mayHaveArrived = true
        fields.earlier.wordless = 404
        return .intent(fields)
    }

    static func intentFields(_ number: UInt64) -> Intent {
        Intent(
            id: IntentID(number), operation: operation(), service: "ml", serverTime: .start,
            created: .start + .seconds(-3_600), clock: .total, age: .milliseconds(3_600_250),
            timeout: .seconds(2_700), deadline: .start + .seconds(-900), rule: "slow-deploys",
            policy: PolicyHash("0123456789abcdef"), attempt: 1)
    }

    /// What `WatchState` would keep of it, nearly: here the state is the list itself.
    var isState: Bool {
        switch self {
        case .open, .close: false
        default: true
        }
    }

    /// One of each kind, with both forms of what is optional.
    static let samples: [JournalRecord] = [
        .open(pid: 1, host: "h", version: "1", boot: "b", clean: true),
        .open(pid: Int32.max, host: "", version: "", boot: "", clean: false),
        .close,
        .policy(hash: PolicyHash("0123456789abcdef"), mode: .enforce, semantics: 1),
        .seen(1),
        .seen(
            Seen(
                partition: Partition(service: "s", endpoint: endpoint, parent: ""),
                name: "operations/\u{0}\u{7F}\"\\ÄÖ\u{2028}\u{1F980}",
                since: .start + .nanoseconds(1), isCreation: false)),
        .warned(
            Warned(
                operation: operation(), rule: "r", clock: .queued, deadline: .start,
                age: .seconds(-1) + .milliseconds(-500), timeout: .seconds(60),
                at: .start + .microseconds(5), mode: .observe)),
        .warned(
            Warned(
                operation: operation(), rule: "r", clock: .total, deadline: .start,
                age: .seconds(60), timeout: .seconds(60), at: .start, mode: .enforce,
                ruleHash: RuleHash("0123456789abcdef"), isNotice: true)),
        .seen(
            Seen(
                partition: Partition(service: "s", endpoint: endpoint, parent: ""),
                name: "operations/started", since: .start, isCreation: true, isStarted: true)),
        .started(operation()),
        .stalling(
            Stalling(
                operation: operation(), fieldHash: .max - 1, since: .start,
                stalledFor: .milliseconds(1_500))),
        .wouldCancel(
            WouldCancel(
                operation: operation(), rule: "r", clock: .stalled, age: .nanoseconds(1),
                timeout: .seconds(7 * 86_400))),
        .deferred(operation(), reason: "hourly cap"),
        .unlisted(operation()), .relisted(operation()),
        .finished(operation(), code: 0), .finished(operation(), code: -7),
        .vanished(operation()), .dropped(operation()),
        .moved(
            operation(), to: Partition(service: "s", endpoint: endpoint, parent: "projects/acme")),
        intent(1), intent(UInt64(Int64.max)), laterIntent,
        .withdrawn(IntentID(1), reason: "permit expired"),
        .asked(IntentID(1), http: 200, status: "OK"),
        .asked(IntentID(2), http: 0, status: ""),
        .asked(IntentID(2), http: 409, status: "ABORTED", words: "not in this state: \u{1F980}"),
        .verdict(operation(), IntentID(1), .cancelled, late: false, at: .start),
        .verdict(operation(), nil, .cancelledByOther, late: true, at: .start),
        .verdict(
            operation(), IntentID(1), .refused, late: false, at: .start, reason: "not here"),
        .failedCancels(service: "ml", count: 2), .failedCancels(service: "ml", count: 0),
        .breaker(service: "ml", opened: BreakerCause(.share, words: "share 80% > 50%"), at: .start),
        .breaker(service: "ml", opened: nil, at: .start),
        .unsupported(
            endpoint, collection: "projects/acme/operations", type: "t", at: .start),
        .unsupported(endpoint, collection: "operations", type: nil, at: .start),
        .damage(file: "journal-00000000000000000001.jsonl", offset: 4_096),
        .damageAccepted(by: "root (sudo: ann)"),
        .spent(service: "ml", at: .start),
    ]
}
