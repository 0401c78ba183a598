import Glibc
import OpwatchCore
import OpwatchJournal
import WireFormat

/// What is measured in a process of its own: `JournalBench WORK DIRECTORY`.
enum MeasuredWork: String {
    /// Reads the journal as the daemon does at its start.
    case start
    /// Begins a new file with the whole state.
    case roll
    /// Thins the oldest file, slice by slice.
    case thin

    struct Figures {
        var seconds: Double
        /// The largest resident set, in megabytes.
        var peak: Double
        /// The longest that the loop would be held up, in seconds.
        var longest: Double
        /// Operations tracked at the end.
        var tracked: Int

        /// One line, for the process that asked.
        var text: String { "\(seconds) \(peak) \(longest) \(tracked)" }

        init(seconds: Double, longest: Double, tracked: Int) {
            self.seconds = seconds
            self.longest = longest
            self.tracked = tracked
            var usage = rusage()
            getrusage(RUSAGE_SELF.rawValue, &usage)
            peak = Double(usage.ru_maxrss) / 1_000
        }

        init?(_ text: String) {
            let words = text.split(separator: " ")
            guard words.count == 4, let seconds = Double(words[0]), let peak = Double(words[1]),
                let longest = Double(words[2]), let tracked = Int(words[3])
            else { return nil }
            self.seconds = seconds
            self.peak = peak
            self.longest = longest
            self.tracked = tracked
        }
    }

    func measure(_ directory: String) throws -> Figures {
        var replay = Replay()
        var watch = Stopwatch()
        var journal = try Journal.open(
            directory: directory, now: WrittenJournal.time, version: "bench",
            { replay.take($0) }, pulse: { watch.lap() })
        watch.stop()
        precondition(journal.recovered.tail == .clean && replay.misfit == nil)
        let tracked = replay.state.operationCount
        if self != .start {
            journal.start(checkpoint: replay.state.checkpoint(), at: WrittenJournal.time)
            watch = self == .roll ? roll(&journal, replay.state) : try thin(&journal, replay.state)
        }
        return Figures(seconds: watch.seconds, longest: watch.longest, tracked: tracked)
    }

    private func roll(_ journal: inout Journal, _ state: WatchState) -> Stopwatch {
        var watch = Stopwatch()
        let isHealthy = journal.repair(
            checkpoint: state.checkpoint(), at: WrittenJournal.time, pulse: { watch.lap() })
        watch.stop()
        precondition(isHealthy)
        return watch
    }

    private func thin(_ journal: inout Journal, _ state: WatchState) throws -> Stopwatch {
        journal.note(serverTime: WrittenJournal.time, at: WrittenJournal.time)
        for _ in 0..<2 {
            journal.repair(checkpoint: state.checkpoint(), at: WrittenJournal.time)
        }
        let later = WrittenJournal.time.advanced(by: .seconds(90 * 86_400))
        journal.note(serverTime: later, at: later)
        var watch = Stopwatch()
        while try journal.retain(Retention(), at: later) == .underway { _ = watch.lap() }
        watch.stop()
        return watch
    }
}

/// How long something took, and its longest part.
private struct Stopwatch {
    private let clock = ContinuousClock()
    private let begin = ContinuousClock.now
    private var last = ContinuousClock.now
    private(set) var longest = 0.0
    private(set) var seconds = 0.0

    /// Ends a part; there is always more to do.
    mutating func lap() -> Bool {
        let now = clock.now
        longest = max(longest, last.duration(to: now) / .seconds(1))
        last = now
        return true
    }

    mutating func stop() {
        _ = lap()
        seconds = begin.duration(to: last) / .seconds(1)
    }
}
