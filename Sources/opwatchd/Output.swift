import Glibc

/// Standard output and standard error, written whole or not at all.
enum Output {
    static func line(_ text: String) {
        write(text + "\n", to: STDOUT_FILENO)
    }

    static func error(_ text: String) {
        write(text + "\n", to: STDERR_FILENO)
    }

    static func bytes(_ bytes: [UInt8]) {
        write(bytes, to: STDOUT_FILENO)
    }

    /// Whether colour is wanted on standard output.
    static var isColoured: Bool {
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

/// Aligned columns for people.
struct TextTable {
    private var rows: [[String]]

    init(_ header: String...) {
        rows = [header]
    }

    mutating func add(_ cells: [String]) {
        rows.append(cells)
    }

    /// The header in bold where colour is wanted.
    func lines(isColoured: Bool) -> [String] {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        return rows.enumerated().map { number, row in
            var line = ""
            for (column, cell) in row.enumerated() {
                let isLast = column == row.count - 1
                let padding = isLast ? 0 : widths[column] - cell.count + 2
                line += cell + String(repeating: " ", count: padding)
            }
            return number == 0 && isColoured ? "\u{1B}[1m\(line)\u{1B}[0m" : line
        }
    }
}
