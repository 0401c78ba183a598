import Glibc
import OpwatchCore
import OpwatchJournal
import Synchronization
import WireFormat

/// Measures what a start on a journal of a million records takes, a new file and the thinning of
/// an old one, and what appending costs.
///
/// Journals are written to a directory under `$TMPDIR` or `/var/tmp`, which should be a disk.
@main
enum JournalBench {
    private static let records = 1_000_000
    private static let secondsMax = 3.0
    private static let megabytesMax = 300.0
    /// Of the daemon's loop, at a stretch.
    private static let millisecondsMax = 500.0

    static func main() throws {
        let arguments = CommandLine.arguments
        if arguments.count == 3, let work = MeasuredWork(rawValue: arguments[1]) {
            return print(try work.measure(arguments[2]).text)
        }
        let directory = try makeDirectory()
        defer { remove(directory) }
        var isOver = false
        for journal in WrittenJournal.allCases {
            let path = "\(directory)/\(journal)"
            let bytes = try journal.write(records, to: path)
            report("\(journal), size", Double(bytes) / 1e6, "MB")
            for work in journal.works {
                let figures = try inChild(work, path)
                isOver = report("  \(work)", figures.seconds, "s", limit: secondsMax) || isOver
                isOver =
                    report(
                        "  \(work), longest step", figures.longest * 1_000, "ms",
                        limit: millisecondsMax) || isOver
                isOver =
                    report("  \(work), peak resident", figures.peak, "MB", limit: megabytesMax)
                    || isOver
                if work == .start {
                    report("  operations tracked then", Double(figures.tracked), "")
                }
            }
        }
        let batch = try CountedBatch.measure(in: "\(directory)/batch")
        let isTooMany = report("syncs of a batch of 1,000 seen", Double(batch.syncs), "", limit: 1)
        report("  its time", batch.seconds * 1_000, "ms")
        let isAny = report("bytes of a batch of nothing", Double(batch.idleBytes), "", limit: 0)
        if isOver || isTooMany || isAny { exit(1) }
    }

    private static func inChild(
        _ work: MeasuredWork, _ directory: String
    ) throws -> MeasuredWork.Figures {
        fflush(nil)
        let command = "'\(executable)' \(work) '\(directory)'"
        guard let pipe = popen(command, "r") else { throw Failed(what: "popen") }
        var line = [CChar](repeating: 0, count: 256)
        let isRead = fgets(&line, Int32(line.count), pipe) != nil
        guard pclose(pipe) == 0, isRead else { throw Failed(what: command) }
        let text = String(
            decoding: line.map { UInt8(bitPattern: $0) }.prefix { $0 != 10 }, as: UTF8.self)
        guard let figures = MeasuredWork.Figures(text) else { throw Failed(what: text) }
        return figures
    }

    private static var executable: String {
        var path = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &path, path.count)
        return String(
            decoding: path.prefix(max(count, 0)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func makeDirectory() throws -> String {
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/var/tmp"
        var template = Array("\(parent)/opwatchd-bench-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failed(what: "mkdtemp in \(parent)") }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func remove(_ directory: String) {
        _ = system("rm -rf '\(directory)'")
    }

    /// - Returns: whether the figure is over its limit.
    @discardableResult
    private static func report(
        _ name: String, _ value: Double, _ unit: String, limit: Double? = nil
    ) -> Bool {
        let isOver = limit.map { value > $0 } ?? false
        let isWhole = value == value.rounded() && value < 1e15
        let figure = isWhole ? "\(Int(value))" : "\((value * 100).rounded() / 100)"
        let allowed = limit.map { "  (limit \(Int($0)))" } ?? ""
        print(
            padded(name, to: 36) + " "
                + String(padded(String(figure.reversed()), to: 10).reversed())
                + " \(unit)\(allowed)\(isOver ? "  OVER" : "")")
        return isOver
    }

    private static func padded(_ text: String, to count: Int) -> String {
        text + String(repeating: " ", count: max(count - text.utf8.count, 0))
    }
}

/// What could not be done.
struct Failed: Error {
    let what: String
}

/// What a million records may be of.
enum WrittenJournal: CaseIterable, CustomStringConvertible {
    /// Operations that are all tracked: the largest state that so many records can make.
    case tracked
    /// Operations that are warned of and end, a thousand of them at a time.
    case ended

    var description: String {
        switch self {
        case .tracked: "a million seen"
        case .ended: "a million of operations that end"
        }
    }

    /// What is measured on it, in this order: a new file is large where the state is, and thinning
    /// keeps something where operations were warned of.
    var works: [MeasuredWork] {
        switch self {
        case .tracked: [.start, .roll]
        case .ended: [.start, .thin]
        }
    }

    static let time = Timestamp(rfc3339: "2026-01-01T00:00:00Z") ?? .earliest
    private static let endpoint = Endpoint("https://ml.googleapis.com/v1")
    private static let batchCount = 1_000

    /// One file, as the daemon leaves it when it never rolls.
    /// - Returns: its bytes.
    func write(_ count: Int, to directory: String) throws -> Int {
        let written = Counter()
        var journal = try Journal.open(
            directory: directory, now: Self.time, version: "bench", disk: written.disk)
        journal.start(checkpoint: [], at: Self.time)
        for begin in stride(from: 0, to: count, by: Self.batchCount) {
            try journal.append(records(begin..<min(begin + Self.batchCount, count)), at: Self.time)
        }
        try journal.close(at: Self.time)
        return written.bytes
    }

    private func records(_ range: Range<Int>) -> [JournalRecord] {
        range.map { number in
            switch self {
            case .tracked: Self.seen(number)
            case .ended:
                switch number % 3 {
                case 0: Self.seen(number)
                case 1: Self.warned(number - 1)
                default: .finished(Self.identity(number - 2), code: 0)
                }
            }
        }
    }

    private static func identity(_ number: Int) -> OperationIdentity {
        let digits = String(number)
        let padding = String(repeating: "0", count: 7 - digits.utf8.count)
        return OperationIdentity(
            endpoint: endpoint,
            name: "projects/acme/operations/create_version_\(padding)\(digits)_1700000000000")
    }

    static func seen(_ number: Int) -> JournalRecord {
        .seen(
            JournalRecord.Seen(
                partition: Partition(service: "ml", endpoint: endpoint, parent: "projects/acme"),
                name: identity(number).name, since: time, isCreation: true))
    }

    private static func warned(_ number: Int) -> JournalRecord {
        .warned(
            JournalRecord.Warned(
                operation: identity(number), rule: "slow-deploys", clock: .total, deadline: time,
                age: .seconds(2_400), timeout: .seconds(2_700), at: time, mode: .enforce))
    }
}

/// The live disk, with what is written to it counted.
final class Counter: Sendable {
    private let counts = Mutex((bytes: 0, syncs: 0))

    var bytes: Int { counts.withLock(\.bytes) }
    var syncs: Int { counts.withLock(\.syncs) }

    var disk: Disk {
        var disk = Disk.live
        disk.write = { file, bytes in
            let count = Disk.live.write(file, bytes)
            self.counts.withLock { $0.bytes += max(count, 0) }
            return count
        }
        disk.syncFile = { file in
            self.counts.withLock { $0.syncs += 1 }
            return Disk.live.syncFile(file)
        }
        return disk
    }
}

/// What a page of new operations costs, and a poll in which nothing changes.
enum CountedBatch {
    static func measure(
        in directory: String
    ) throws -> (syncs: Int, seconds: Double, idleBytes: Int) {
        let counter = Counter()
        var journal = try Journal.open(
            directory: directory, now: WrittenJournal.time, version: "bench", disk: counter.disk)
        journal.start(checkpoint: [], at: WrittenJournal.time)
        let before = counter.syncs
        let clock = ContinuousClock()
        let begin = clock.now
        try journal.append((0..<1_000).map(WrittenJournal.seen), at: WrittenJournal.time)
        let seconds = begin.duration(to: clock.now) / .seconds(1)
        let syncs = counter.syncs - before
        let bytes = counter.bytes
        try journal.append([], at: WrittenJournal.time)
        return (syncs, seconds, counter.bytes - bytes)
    }
}
