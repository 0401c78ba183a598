import DiskSimulator
import OpwatchCore
import OpwatchDaemon
import OpwatchEngine
import OpwatchJournal
import OpwatchPolicy
import OpwatchReports
import OpwatchSystemd
import SeededRandom
import Synchronization
import WireFormat

/// The machine that the daemon of a run lives on: its clock, its disk, its policy file, its log.
final class SimulatedMachine {
    let clock: SimulatedClock
    private(set) var disk = SimulatedDisk()
    private(set) var loop: DaemonLoop?
    private let isManaged: Bool
    private let file = PolicyText()
    private let words = Words()
    private var starts: Int32 = 0
    /// Why the last start failed.
    private(set) var trouble = ""

    private static let directory = "/state"
    private static let policyPath = "/policy.yaml"

    /// What the daemon says of itself, in its order.
    enum Word: Sendable {
        case told(JournalEntry)
        case journalled(Journalled)
        /// The process died here; what follows nobody heard.
        case died
    }

    private final class Words: Sendable {
        let all = Mutex<[Word]>([])
    }

    /// The policy file as it is now.
    private final class PolicyText: Sendable {
        let text = Mutex("")
    }

    /// - Parameter isManaged: whether somebody reads the status of the daemon.
    init(_ clock: SimulatedClock, isManaged: Bool) {
        self.clock = clock
        self.isManaged = isManaged
    }

    func write(policy text: String) {
        file.text.withLock { $0 = text }
    }

    /// What was said since this was asked last.
    func takeWords() -> [Word] {
        words.all.withLock { words in
            defer { words = [] }
            return words
        }
    }

    // MARK: The process

    /// - Returns: whether the daemon is up.
    func start() -> Bool {
        starts += 1
        do {
            let world = world
            let policy = try world.policy(Self.policyPath)
            let words = words
            loop = try DaemonLoop.open(
                DaemonConfiguration(
                    policyPath: Self.policyPath, stateDirectory: Self.directory,
                    version: "0.0.0-simulated"),
                in: world, manager: isManaged ? ServiceManager { _ in } : .absent,
                write: { entry in words.all.withLock { $0.append(.told(entry)) } },
                policy: policy, pulse: { true })
            return true
        } catch {
            trouble = "\(error)"
            return false
        }
    }

    /// The process is gone, and what it said last with it.
    func kill(losingPower: Bool, _ random: inout SplitMix) {
        loop = nil
        disk = SimulatedDisk(disk.remains(losingPower: losingPower, &random))
    }

    /// The process has ended by itself.
    func end() {
        loop = nil
        disk = SimulatedDisk(disk.image)
    }

    /// The first of these records, with which the journal ends.
    func written(of records: [JournalRecord]) -> [JournalRecord] {
        guard !records.isEmpty,
            let history = try? JournalInspection.history(
                directory: Self.directory, disk: disk.disk)
        else { return [] }
        let facts = history.filter(\.isFact)
        let count = (1...records.count).last {
            facts.suffix($0).elementsEqual(records.prefix($0))
        }
        return Array(records.prefix(count ?? 0))
    }

    private var world: World {
        let (clock, file, words, disk) = (clock, file, words, disk)
        disk.onDeath { words.all.withLock { $0.append(.died) } }
        var world = World(
            now: { clock.wall }, instant: { clock.instant }, sleep: { _ in }, jitter: .none,
            client: { _, _ in preconditionFailure("A run sends its requests itself.") })
        world.jitter = Jitter(seed: UInt64(starts.magnitude))
        world.disk = disk.disk
        world.process = ProcessIdentity(pid: starts, host: "host", boot: "boot")
        world.journalled = { event in words.all.withLock { $0.append(.journalled(event)) } }
        world.policy = { (path) throws(PolicyErrors) in
            if path == Self.policyPath {
                return try PolicyFile.parse(file.text.withLock { $0 }, file: path)
            }
            // The texts that were kept beside the journal.
            let name = path.split(separator: "/").last.map(String.init) ?? ""
            return try PolicyFile.parse(disk.image.files[name] ?? [], file: path)
        }
        return world
    }
}
