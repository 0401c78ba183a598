import Glibc
import OperationsSimulator

/// One TCP connection to a simulator; blocks, with a time limit, on every read.
final class LoopbackClient {
    private let socket: Int32
    private var received: [UInt8] = []
    private(set) var isAtEnd = false

    struct Failure: Error {
        let call: String
        let number: Int32
    }

    /// An answer as it came over the wire.
    struct Reply {
        var answer: SimulatedAnswer
        /// Whether the whole body arrived before the connection's end.
        var isWhole: Bool
    }

    init(port: Int) throws {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard socket >= 0 else { throw Failure(call: "socket", number: errno) }
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(
            socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = in_addr_t(UInt32(0x7F00_0001).bigEndian)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else {
            let failure = Failure(call: "connect", number: errno)
            close(socket)
            throw failure
        }
    }

    deinit { close(socket) }

    /// Sends a request; a body also sends its length.
    func send(_ method: String, _ target: String, headers: [String] = [], body: String? = nil)
        throws
    {
        var lines = ["\(method) \(target) HTTP/1.1", "Host: 127.0.0.1"] + headers
        if let body { lines.append("Content-Length: \(body.utf8.count)") }
        let bytes = Array((lines.joined(separator: "\r\n") + "\r\n\r\n" + (body ?? "")).utf8)
        guard Glibc.send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
            throw Failure(call: "send", number: errno)
        }
    }

    /// Reads one answer; nil when the connection ended before its first byte.
    func receive() throws -> Reply? {
        guard let end = try receive(until: Array("\r\n\r\n".utf8)) else { return nil }
        let head = String(decoding: received[..<end], as: UTF8.self)
        received.removeFirst(end)
        let lines = head.split(separator: "\r\n")
        var answer = SimulatedAnswer(status: Int(lines[0].split(separator: " ")[1]) ?? 0)
        for line in lines.dropFirst() {
            let colon = line.firstIndex(of: ":") ?? line.endIndex
            let value = line[colon...].dropFirst().drop { $0 == " " }
            answer.headers.append(.init(String(line[..<colon]), String(value)))
        }
        if answer.header("Transfer-Encoding") == "chunked" {
            let isWhole = try receiveChunks(into: &answer.body)
            return Reply(answer: answer, isWhole: isWhole)
        }
        let length = answer.header("Content-Length").flatMap { Int($0) } ?? 0
        while received.count < length, try receiveMore() {}
        answer.body = Array(received.prefix(length))
        received.removeFirst(answer.body.count)
        return Reply(answer: answer, isWhole: answer.body.count == length)
    }

    /// Waits for the server to end the connection; false when it sent something first.
    func endsWithoutMore() throws -> Bool {
        while try receiveMore() {}
        return received.isEmpty
    }

    private func receiveChunks(into body: inout [UInt8]) throws -> Bool {
        while let end = try receive(until: Array("\r\n".utf8)) {
            let size = Int(String(decoding: received[..<(end - 2)], as: UTF8.self), radix: 16) ?? 0
            received.removeFirst(end)
            while received.count < size + 2, try receiveMore() {}
            body += received.prefix(size)
            received.removeFirst(min(size + 2, received.count))
            if size == 0 { return true }
        }
        return false
    }

    /// The place behind the pattern; nil when the connection ended before it.
    private func receive(until pattern: [UInt8]) throws -> Int? {
        while true {
            if received.count >= pattern.count {
                for place in 0...(received.count - pattern.count)
                where received[place..<(place + pattern.count)].elementsEqual(pattern) {
                    return place + pattern.count
                }
            }
            guard try receiveMore() else { return nil }
        }
    }

    private func receiveMore() throws -> Bool {
        guard !isAtEnd else { return false }
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let count = recv(socket, &buffer, buffer.count, 0)
        guard count >= 0 else {
            // A connection that was reset has ended too.
            if errno == ECONNRESET {
                isAtEnd = true
                return false
            }
            throw Failure(call: "recv", number: errno)
        }
        isAtEnd = count == 0
        received += buffer.prefix(count)
        return count > 0
    }
}

/// A simulator of its own for one test, with a clock that the test moves.
struct Loopback {
    let clock = ManualClock(start)
    let handle: SimulatorHandle

    /// Runs the body against a new simulator and shuts it down after that.
    static func with(
        _ operations: [ScriptedOperation], faults: Faults = Faults(),
        _ body: (Loopback) throws -> Void
    ) async throws {
        let loopback = try await Loopback(operations, faults)
        do {
            try body(loopback)
        } catch {
            await loopback.handle.shutdown()
            throw error
        }
        await loopback.handle.shutdown()
    }

    private init(_ operations: [ScriptedOperation], _ faults: Faults) async throws {
        handle = try await OperationsSimulator.serve(
            SimulatedService(start: start, operations: operations), clock: clock.simulatorClock,
            faults: faults)
    }

    func client() throws -> LoopbackClient { try LoopbackClient(port: handle.port) }

    /// One request on a connection of its own; nil when no answer came.
    func ask(
        _ method: String, _ target: String, headers: [String] = [], body: String? = nil
    ) throws -> LoopbackClient.Reply? {
        let client = try client()
        try client.send(method, target, headers: headers, body: body)
        return try client.receive()
    }

    func get(_ target: String) throws -> SimulatedAnswer {
        guard let reply = try ask("GET", target), reply.isWhole else {
            throw LoopbackClient.Failure(call: "get", number: 0)
        }
        return reply.answer
    }
}
