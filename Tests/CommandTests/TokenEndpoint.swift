import Foundation
import Glibc
import Synchronization

/// A token endpoint on loopback: one answer for whoever asks, each request kept as it came.
final class TokenEndpoint: Sendable {
    let port: Int
    private let listener: Int32
    private let bodies = Mutex<[String]>([])

    /// The bodies of the requests so far.
    var requests: [String] { bodies.withLock { $0 } }
    var url: String { "http://127.0.0.1:\(port)/token" }

    init(answer: String) {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { name in
                bind(listener, name, length) == 0 && listen(listener, 16) == 0
                    && getsockname(listener, name, &length) == 0
            }
        }
        precondition(isBound, "the test needs a port")
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread { [self] in serve(answer) }.start()
    }

    /// Ends the thread, too.
    func close() {
        shutdown(listener, Int32(SHUT_RDWR))
        Glibc.close(listener)
    }

    private func serve(_ answer: String) {
        while true {
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else { return }
            let body = Self.body(of: connection)
            bodies.withLock { $0.append(body) }
            let text =
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
                + "Content-Length: \(answer.utf8.count)\r\n\r\n\(answer)"
            _ = Array(text.utf8).withUnsafeBytes {
                send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            Glibc.close(connection)
        }
    }

    private static func body(of connection: Int32) -> String {
        var received = ""
        var chunk = [UInt8](repeating: 0, count: 4_096)
        while true {
            let count = recv(connection, &chunk, chunk.count, 0)
            guard count > 0 else { return "" }
            received += String(decoding: chunk[..<count], as: UTF8.self)
            guard let head = received.range(of: "\r\n\r\n") else { continue }
            let length = received[..<head.lowerBound].lowercased().split(separator: "\r\n")
                .first { $0.hasPrefix("content-length:") }
                .flatMap { Int($0.dropFirst(15).trimmingCharacters(in: .whitespaces)) }
            let body = received[head.upperBound...]
            if body.utf8.count >= length ?? 0 { return String(body) }
        }
    }
}
