/// Aligned columns for people.
///
/// The rows are gone through twice, for the widths and for the lines, so that rows which are made
/// as they are asked for never stand in memory together.
package struct TextTable<Rows: Collection<[String]>> {
    private let header: [String]
    private var rows: Rows

    /// - Parameter rows: each with at most as many cells as the header has.
    package init(_ header: String..., rows: Rows) {
        self.header = header
        self.rows = rows
    }

    /// The header in bold where colour is wanted, then a line a row.
    package func lines(isColoured: Bool) -> AnyIterator<String> {
        var widths = header.map(\.count)
        for row in rows {
            for (column, cell) in row.enumerated() {
                widths[column] = max(widths[column], cell.count)
            }
        }
        let plain = Self.line(header, widths)
        var first: String? = isColoured ? "\u{1B}[1m\(plain)\u{1B}[0m" : plain
        var rest = rows.makeIterator()
        return AnyIterator { first.take() ?? rest.next().map { Self.line($0, widths) } }
    }

    private static func line(_ row: [String], _ widths: [Int]) -> String {
        var line = ""
        for (column, cell) in row.enumerated() {
            line += cell
            guard column < row.count - 1 else { break }
            line += String(repeating: " ", count: widths[column] - cell.count + 2)
        }
        return line
    }
}

extension TextTable where Rows == [[String]] {
    /// A table without rows yet.
    package init(_ header: String...) {
        self.header = header
        rows = []
    }

    /// Adds a row.
    /// - Parameter cells: at most as many as the header has.
    package mutating func add(_ cells: [String]) {
        rows.append(cells)
    }
}
