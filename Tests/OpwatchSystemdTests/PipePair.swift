import Glibc

/// A pipe whose writing end can be made to block.
final class PipePair: Sendable {
    let readEnd: Int32
    let writeEnd: Int32

    init() {
        var ends: [Int32] = [-1, -1]
        precondition(pipe(&ends) == 0, "the test needs a pipe")
        readEnd = ends[0]
        writeEnd = ends[1]
    }

    deinit {
        close(writeEnd)
        close(readEnd)
    }

    /// Fills the pipe, so that the next write blocks.
    /// - Returns: the bytes that are in it.
    func fill() -> Int {
        let flags = fcntl(writeEnd, F_GETFL)
        _ = fcntl(writeEnd, F_SETFL, flags | O_NONBLOCK)
        var filled = 0
        for size in [4_096, 1] {
            let junk = [UInt8](repeating: 0, count: size)
            while case let written = write(writeEnd, junk, size), written > 0 { filled += written }
        }
        _ = fcntl(writeEnd, F_SETFL, flags)
        return filled
    }

    /// Exactly `count` bytes, waiting for them.
    func read(count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            var buffer = [UInt8](repeating: 0, count: count - bytes.count)
            let length = Glibc.read(readEnd, &buffer, buffer.count)
            precondition(length > 0, "the pipe ended early")
            bytes += buffer[..<length]
        }
        return bytes
    }

    /// Waits for as many lines as that.
    func lines(_ count: Int) -> [String] {
        var bytes: [UInt8] = []
        while bytes.count(where: { $0 == 10 }) < count { bytes += read(count: 1) }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }
}
