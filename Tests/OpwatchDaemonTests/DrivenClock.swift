import Foundation
import Glibc
import OpwatchCore
import Synchronization
import WireFormat

/// A clock that stands still until the daemon can do nothing but wait, and then jumps.
///
/// It is the daemon's executor too: one thread runs every job of its tasks. When none is left, no
/// request is on its way and what the test waits for is not so yet, time goes on to the next
/// moment that somebody sleeps for. Without a waiting test no job runs and time stands still.
final class DrivenClock: TaskExecutor {
    /// Who waits, and for what.
    enum Sleeper: Sendable {
        case daemon
        /// The time limit of a request that is under way.
        case request
        /// A client between two tries.
        case backoff
    }

    private struct Sleep {
        let sleeper: Sleeper
        let until: Duration
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct Wait {
        let what: String
        let until: Duration
        let holdsTime: Bool
        let isOver: @Sendable () -> Bool
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var elapsed = Duration.zero
        var wallOffset = Duration.zero
        var sleeps: [Int: Sleep] = [:]
        var lastID = 0
        var wait: Wait?
        var jobs: ArraySlice<UnownedJob> = []
        var passesRequests = false
        var daemonSleeps = 0
        var isFree = false
        var isStopped = false
    }

    /// Something that a test waited for did not happen.
    struct NotReached: Error, CustomStringConvertible {
        let description: String
    }

    static let start = Timestamp(seconds: 1_772_366_400) ?? .earliest
    private let base = ContinuousClock.now
    private let state = Mutex(State())
    private let bell = Pipe()

    init() {
        let thread = Thread { [self] in drive() }
        thread.start()
    }

    /// Jobs run without a waiting test, so that a daemon can end after its test has failed.
    func free() {
        state.withLock { $0.isFree = true }
        ring()
    }

    func stop() {
        state.withLock { $0.isStopped = true }
        ring()
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        state.withLock { $0.jobs.append(job) }
        ring()
    }

    var now: Timestamp {
        state.withLock { Self.start.advanced(by: $0.elapsed + $0.wallOffset) }
    }

    var instant: ContinuousClock.Instant {
        base.advanced(by: elapsed)
    }

    /// Time since the start.
    var elapsed: Duration { state.withLock { $0.elapsed } }

    /// How often the daemon has gone to sleep.
    var daemonSleeps: Int { state.withLock { $0.daemonSleeps } }

    /// Sets the wall clock of daemon and service forward.
    func jump(by duration: Duration) {
        state.withLock { $0.wallOffset += duration }
    }

    /// Whether time goes on while requests are under way, for servers that do not answer.
    func setPassesRequests(_ passes: Bool) {
        state.withLock { $0.passesRequests = passes }
    }

    func sleep(until deadline: ContinuousClock.Instant) async throws {
        try await sleep(.daemon, until: base.duration(to: deadline))
    }

    func sleep(for duration: Duration) async throws {
        let sleeper: Sleeper = duration == Limits.requestTimeout ? .request : .backoff
        try await sleep(sleeper, until: elapsed + duration)
    }

    private func sleep(_ sleeper: Sleeper, until deadline: Duration) async throws {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let ready: Result<Void, any Error>? = state.withLock { state in
                    if sleeper == .daemon { state.daemonSleeps += 1 }
                    if Task.isCancelled { return .failure(CancellationError()) }
                    if deadline <= state.elapsed { return .success(()) }
                    state.sleeps[id] = Sleep(
                        sleeper: sleeper, until: deadline, continuation: continuation)
                    return nil
                }
                if let ready { continuation.resume(with: ready) }
            }
        } onCancel: {
            let sleep = state.withLock { $0.sleeps.removeValue(forKey: id) }
            sleep?.continuation.resume(throwing: CancellationError())
        }
    }

    /// Lets jobs run and time go on until this is so.
    /// - Parameter holdsTime: whether this must come without time going by.
    func wait(
        _ what: String, within limit: Duration = .seconds(6 * 3_600), holdsTime: Bool = false,
        until isOver: @escaping @Sendable () -> Bool
    ) async throws {
        try await withCheckedThrowingContinuation { continuation in
            state.withLock { state in
                precondition(state.wait == nil, "a test waits for one thing at a time")
                state.wait = Wait(
                    what: what, until: state.elapsed + limit, holdsTime: holdsTime, isOver: isOver,
                    continuation: continuation)
            }
            ring()
        }
    }

    /// Lets this much time go by.
    func pass(_ duration: Duration) async throws {
        let end = elapsed + duration
        try await wait("time to pass", within: duration) { [self] in elapsed >= end }
    }

    // MARK: The thread

    private func drive() {
        var quiet = 0
        while true {
            let state = self.state.withLock { $0 }
            if let wait = state.wait, wait.isOver() {
                end(with: .success(()))
            } else if state.isStopped {
                return end(with: .failure(NotReached(description: "the clock was stopped")))
            } else if state.wait == nil, !state.isFree {
                listen(.seconds(1))
            } else if let job = self.state.withLock({ $0.jobs.popFirst() }) {
                job.runSynchronously(on: asUnownedTaskExecutor())
            } else {
                idle(&quiet)
            }
        }
    }

    /// No job is left: the outside may have more, or it is time to go on.
    /// - Parameter quiet: looks in a row at which requests were under way and nothing happened.
    private func idle(_ quiet: inout Int) {
        let state = self.state.withLock { $0 }
        guard let wait = state.wait, !wait.holdsTime else {
            listen(.milliseconds(2))
            return
        }
        if state.sleeps.values.contains(where: { $0.sleeper == .request }) {
            // What the test waits for may happen at the server, which has no bell.
            quiet = listen(.milliseconds(2)) ? 0 : quiet + 1
            if !state.passesRequests || quiet < 25 { return }
            quiet = 0
        }
        if state.elapsed >= wait.until {
            if listen(.milliseconds(200)) || wait.isOver() { return }
            end(with: .failure(NotReached(description: "not by \(elapsed): \(wait.what)")))
        } else if state.sleeps.isEmpty {
            listen(.milliseconds(5))
        } else {
            advance(atMost: wait.until)
        }
    }

    /// Wakes the thread.
    private func ring() {
        var byte: UInt8 = 1
        _ = Glibc.write(bell.fileHandleForWriting.fileDescriptor, &byte, 1)
    }

    /// Waits for the bell.
    /// - Returns: whether it rang.
    @discardableResult
    private func listen(_ limit: Duration) -> Bool {
        let reading = bell.fileHandleForReading.fileDescriptor
        var descriptor = pollfd(fd: reading, events: Int16(POLLIN), revents: 0)
        guard poll(&descriptor, 1, Int32(limit / .milliseconds(1))) > 0 else { return false }
        var bytes = [UInt8](repeating: 0, count: 4_096)
        _ = Glibc.read(reading, &bytes, bytes.count)
        return true
    }

    private func end(with result: Result<Void, any Error>) {
        let wait = state.withLock { $0.wait.take() }
        wait?.continuation.resume(with: result)
    }

    private func advance(atMost limit: Duration) {
        let due = state.withLock { (state: inout State) -> [Int: Sleep] in
            let next = state.sleeps.values.map(\.until).min() ?? limit
            state.elapsed = max(state.elapsed, min(next, limit))
            let due = state.sleeps.filter { $0.value.until <= state.elapsed }
            for id in due.keys { state.sleeps[id] = nil }
            return due
        }
        for sleep in due.values { sleep.continuation.resume() }
    }
}
