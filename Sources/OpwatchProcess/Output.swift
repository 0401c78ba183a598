import Glibc
package import WireFormat

/// Standard output and standard error, written whole or not at all.
package enum Output {
    /// To standard output, with a line feed.
    package static func line(_ text: String) {
        write(text + "\n", to: STDOUT_FILENO)
    }

    /// To standard error, with a line feed.
    package static func error(_ text: String) {
        write(text + "\n", to: STDERR_FILENO)
    }

    /// To standard output as they are.
    package static func bytes(_ bytes: [UInt8]) {
        write(bytes, to: STDOUT_FILENO)
    }

    /// Each line as it comes, in pieces of `pieceBytes`.
    package static func lines(_ lines: some Sequence<String>) {
        var piece: [UInt8] = []
        for line in lines {
            piece += line.utf8
            piece.append(UInt8(ascii: "\n"))
            guard piece.count >= pieceBytes else { continue }
            bytes(piece)
            piece.removeAll(keepingCapacity: true)
        }
        bytes(piece)
    }

    /// What the writer has, once it is a piece; the writer goes on.
    package static func pieces(of writer: inout JSONWriter) {
        if writer.bytes.count >= pieceBytes { bytes(writer.takeBytes()) }
    }

    /// What is long is written in pieces of about so many bytes, so that it never stands in
    /// memory as a whole.
    private static let pieceBytes = 64 << 10

    /// Whether colour is wanted on standard output.
    package static var isColoured: Bool {
        isatty(STDOUT_FILENO) == 1 && getenv("NO_COLOR") == nil
            && getenv("TERM").map { String(cString: $0) } != "dumb"
    }

    private static func write(_ text: String, to descriptor: Int32) {
        write(Array(text.utf8), to: descriptor)
    }

    /// A reader that went away is no failure of the command; anything else ends it.
    private static func write(_ bytes: [UInt8], to descriptor: Int32) {
        bytes.withUnsafeBytes { buffer in
            var rest = buffer[...]
            while !rest.isEmpty {
                let written = Glibc.write(
                    descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if written < 0 && errno == EINTR { continue }
                guard written >= 0 else { return failed(descriptor) }
                rest = rest.dropFirst(written)
            }
        }
    }

    private static func failed(_ descriptor: Int32) {
        let code = errno
        guard code != EPIPE, descriptor == STDOUT_FILENO else { return }
        error("standard output: \(String(cString: strerror(code)))")
        exit(SystemExit.io.rawValue)
    }
}
