import Glibc
import Synchronization

/// Keeps some of the files that this process may open free.
///
/// The libraries underneath end the process where they get no descriptor for themselves, so that
/// the last ones are not for connections. A request that finds no room fails before it is sent.
package final class DescriptorRoom: Sendable {
    private let underWay = Mutex(0)
    private let lowestFree: @Sendable () -> Int
    private let limit: @Sendable () -> Int

    /// Left for the runtime, the journal and the log.
    private static let reserve = 24

    static let words = "too many files and connections are open; see LimitNOFILE="

    /// - Parameters:
    ///   - lowestFree: the lowest descriptor that is not open; all below it are.
    ///   - limit: of descriptors that this process may have.
    package init(
        lowestFree: @escaping @Sendable () -> Int = DescriptorRoom.lowestFreeNow,
        limit: @escaping @Sendable () -> Int = DescriptorRoom.limitNow
    ) {
        self.lowestFree = lowestFree
        self.limit = limit
    }

    /// Takes a request's connection into account, unless there is no room for it.
    func enter() -> Bool {
        underWay.withLock { count in
            // Those under way may not have their connection yet.
            guard lowestFree() + count < limit() - Self.reserve else { return false }
            count += 1
            return true
        }
    }

    func leave() {
        underWay.withLock { $0 -= 1 }
    }

    /// The kernel gives the lowest one.
    package static let lowestFreeNow: @Sendable () -> Int = {
        let descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return .max / 2 }
        close(descriptor)
        return Int(descriptor)
    }

    /// `RLIMIT_NOFILE`.
    package static let limitNow: @Sendable () -> Int = {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return .max / 2
        }
        return Int(clamping: limit.rlim_cur)
    }
}
