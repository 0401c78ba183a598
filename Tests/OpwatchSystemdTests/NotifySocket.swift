import Glibc

@testable import OpwatchSystemd

/// A service manager's end of sd_notify: a datagram socket in the abstract namespace, so that no
/// file is left behind.
final class NotifySocket: Sendable {
    /// As in `$NOTIFY_SOCKET`, where `@` stands for the zero byte.
    let name = "@opwatchd-test-\(getpid())-\(UInt64.random(in: 0 ... .max))"
    private let descriptor: Int32

    init() {
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { path in
            path[1...].copyBytes(from: name.utf8.dropFirst())
        }
        let length = MemoryLayout<sa_family_t>.size + name.utf8.count
        let failure = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(length))
            }
        }
        precondition(failure == 0, "the test needs a socket")
    }

    /// The next message, waiting for one; descriptors that come with it are closed.
    func receive() -> String {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let length = recv(descriptor, &buffer, buffer.count, 0)
        return String(decoding: buffer[..<max(0, length)], as: UTF8.self)
    }

    /// The next message if there is one.
    func receiveNow() -> String? {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let length = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        return length < 0 ? nil : String(decoding: buffer[..<length], as: UTF8.self)
    }
}

/// The environment of this process before and after a service manager appears in it.
///
/// Set once, because changing the environment is unsafe beside threads that read it.
enum ManagedProcess {
    static let shared = make()

    private static func make() -> (
        absent: ServiceManager, manager: ServiceManager, socket: NotifySocket
    ) {
        unsetenv("NOTIFY_SOCKET")
        unsetenv("WATCHDOG_USEC")
        unsetenv("WATCHDOG_PID")
        let absent = ServiceManager()
        absent.ready(status: "nobody hears this")
        let socket = NotifySocket()
        setenv("NOTIFY_SOCKET", socket.name, 1)
        setenv("WATCHDOG_USEC", "30000000", 1)
        return (absent, ServiceManager(), socket)
    }
}
