import OpwatchReports
internal import Glibc

/// The ring between all threads that log and the one that writes, with the waiting on both sides.
///
/// A `Mutex` cannot be waited on together with a condition and a time limit, hence pthreads.
final class LogQueue: @unchecked Sendable {
    // Sendable because `ring`, `inHand` and `isClosed` are touched only while `lock` is held.
    private var ring: LogRing
    /// Number of the entry that the writer is delivering.
    private var inHand: UInt64?
    private var isClosed = false
    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    /// An entry came, or the queue was closed.
    private let arrival = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    /// The writer is done with an entry.
    private let delivery = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    init(capacity: Int) {
        ring = LogRing(capacity: capacity)
        pthread_mutex_init(lock, nil)
        // Time limits are measured by the clock that nobody sets.
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(arrival, &attributes)
        pthread_cond_init(delivery, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(arrival)
        pthread_cond_destroy(delivery)
        pthread_mutex_destroy(lock)
        arrival.deallocate()
        delivery.deallocate()
        lock.deallocate()
    }

    /// Never waits for the writer.
    func push(_ entry: JournalEntry, at time: Int64) {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        guard !isClosed else { return }
        ring.push(entry, at: time)
        pthread_cond_signal(arrival)
    }

    /// The next entry and how many were lost before it; waits for one, nil once closed and empty.
    func next() -> (item: LogRing.Item, dropped: UInt64)? {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        while true {
            if let item = ring.pop() {
                inHand = item.number
                return (item, ring.takeDropped())
            }
            if isClosed { return nil }
            pthread_cond_wait(arrival, lock)
        }
    }

    /// The entry in hand is out, or `lost` entries never will be.
    func settle(lost: UInt64) {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        ring.noteLost(lost)
        inHand = nil
        pthread_cond_broadcast(delivery)
    }

    /// Waits until everything pushed before the call is out or given up, at most `limit`.
    func waitUntilSettled(within limit: Duration) -> Bool {
        var deadline = Self.monotonicTime(after: limit)
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        let target = ring.lastNumber
        while let oldest = inHand ?? ring.firstNumber, oldest <= target {
            if pthread_cond_timedwait(delivery, lock, &deadline) == ETIMEDOUT { return false }
        }
        return true
    }

    /// No more entries are taken; the writer ends when the rest is out.
    func close() {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        isClosed = true
        pthread_cond_broadcast(arrival)
    }

    /// Entries that no writer has taken yet.
    var waiting: Int {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return ring.count
    }

    private static func monotonicTime(after limit: Duration) -> timespec {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        // A day is as good as forever, and cannot overflow.
        let microseconds = Int(min(limit.wholeMicroseconds, 86_400_000_000))
        let nanoseconds = time.tv_nsec + microseconds % 1_000_000 * 1_000
        time.tv_sec += microseconds / 1_000_000 + nanoseconds / 1_000_000_000
        time.tv_nsec = nanoseconds % 1_000_000_000
        return time
    }
}
