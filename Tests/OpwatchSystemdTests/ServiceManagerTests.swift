import Dispatch
import Glibc
import Synchronization
import Testing

@testable import OpwatchSystemd

@Suite("Notifications to the service manager", .serialized)
struct ServiceManagerTests {
    private let manager = ManagedProcess.shared.manager
    private let socket = ManagedProcess.shared.socket

    @Test("without a socket there is no manager, no watchdog, and calls do nothing")
    func absent() {
        let absent = ManagedProcess.shared.absent
        #expect(!absent.isPresent)
        #expect(absent.watchdogInterval == nil)
        #expect(socket.receiveNow() == nil)
    }

    @Test("presence and watchdog interval come from the environment")
    func present() {
        #expect(manager.isPresent)
        #expect(manager.watchdogInterval == .seconds(30))
    }

    @Test("a life is told in this order and in these words")
    func sequence() {
        manager.status("Starting")
        manager.extendTimeout(.milliseconds(10_500), status: "Replaying")
        manager.ready(status: "Watching")
        manager.watchdog()
        manager.stopping(status: "Stopping")
        manager.failed(status: "Policy error", errno: EINVAL)
        #expect(socket.receive() == "STATUS=Starting")
        #expect(socket.receive() == "EXTEND_TIMEOUT_USEC=10500000\nSTATUS=Replaying")
        #expect(socket.receive() == "READY=1\nSTATUS=Watching")
        #expect(socket.receive() == "WATCHDOG=1")
        #expect(socket.receive() == "STOPPING=1\nSTATUS=Stopping")
        #expect(socket.receive() == "STATUS=Policy error\nERRNO=22")
        #expect(socket.receiveNow() == nil)
    }

    @Test("a reload carries the monotonic time of its sending in the same message")
    func reloading() throws {
        let before = try #require(monotonicMicroseconds())
        manager.reloading(status: "Reloading")
        let after = try #require(monotonicMicroseconds())
        let lines = socket.receive().split(separator: "\n")
        try #require(lines.count == 3)
        #expect(lines[0] == "RELOADING=1")
        #expect(lines[2] == "STATUS=Reloading")
        let time = try #require(UInt64(lines[1].dropFirst("MONOTONIC_USEC=".count)))
        #expect(before...after ~= time)
    }

    @Test("a status is one short line of valid text, whatever it is made of")
    func statusIsTame() {
        manager.status("a\nREADY=1\u{1b}" + String(repeating: "é", count: 5_000))
        let message = socket.receive()
        #expect(message.hasPrefix("STATUS=a\\u{a}READY=1\\u{1b}éé"))
        #expect(message.hasSuffix("é…"))
        #expect(message.utf8.count <= "STATUS=".utf8.count + ServiceManager.statusBytesMax)
    }

    @Test("a barrier ends once the manager has read what went before")
    func barrier() {
        let socket = socket
        manager.watchdog()
        DispatchQueue.global().async {
            _ = socket.receive()
            _ = socket.receive()
        }
        #expect(manager.barrier(timeout: .seconds(60)))
    }

    @Test("a barrier gives up in time when the manager does not read")
    func barrierGivesUp() {
        #expect(!manager.barrier(timeout: .milliseconds(1)))
        #expect(socket.receive() == "BARRIER=1")
    }

    @Test("a manager made for a test hands over what would be sent")
    func replaced() {
        let messages = Mutex<[String]>([])
        let manager = ServiceManager(watchdogInterval: .seconds(2)) { message in
            messages.withLock { $0.append(message) }
        }
        manager.ready(status: "Watching")
        #expect(manager.watchdogInterval == .seconds(2))
        #expect(messages.withLock { $0 } == ["READY=1\nSTATUS=Watching"])
    }

    @Test(
        "durations become whole microseconds without a trap",
        arguments: [
            (Duration.zero, UInt64(0)), (.nanoseconds(1_999), 1), (.seconds(-1), 0),
            (.nanoseconds(-1), 0), (.seconds(30), 30_000_000), (.seconds(Int64.max), UInt64.max),
        ])
    func microseconds(duration: Duration, expected: UInt64) {
        #expect(duration.wholeMicroseconds == expected)
    }

    private func monotonicMicroseconds() -> UInt64? {
        var time = timespec()
        guard clock_gettime(CLOCK_MONOTONIC, &time) == 0 else { return nil }
        return UInt64(time.tv_sec) * 1_000_000 + UInt64(time.tv_nsec) / 1_000
    }
}
