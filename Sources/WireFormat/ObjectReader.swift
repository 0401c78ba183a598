/// Reads one JSON object into a row, strictly.
///
/// Strict: UTF-8 only, no byte order mark, no key twice in any object (compared after
/// unescaping), no trailing commas, no lone surrogates, and nothing but white space around.
package enum ObjectReader {
    /// Reads the object that fills the range of the bytes.
    ///
    /// After an error the row is empty.
    /// - Parameters:
    ///   - bytes: kept by the row until it is read into again.
    ///   - range: all of the bytes when nil; what lies outside the bytes is cut off.
    ///   - fields: what the row's slots mean.
    package static func read(
        _ bytes: [UInt8], in range: Range<Int>? = nil, fields: FieldSet, limits: ReadLimits,
        into row: inout FieldRow
    ) throws(WireError) {
        let whole = 0..<bytes.count
        do throws(WireError) {
            try parse(bytes, in: range?.clamped(to: whole) ?? whole, fields, limits, &row)
        } catch {
            row.removeAll()
            throw error
        }
        row.bytes = bytes
    }

    private static func parse(
        _ bytes: [UInt8], in range: Range<Int>, _ fields: FieldSet, _ limits: ReadLimits,
        _ row: inout FieldRow
    ) throws(WireError) {
        try limits.check(range)
        try bytes.withScanner(in: range, depthMax: limits.depthMax) {
            (scanner) throws(WireError) in
            var parser = FieldParser(scanner, fields: fields, scratch: row.takeScratch())
            defer { row.scratch = parser.scratch }
            parser.scanner.skipSpace()
            try parser.scanner.requireObject()
            try parser.row()
            parser.scanner.skipSpace()
            guard parser.scanner.index == range.upperBound else {
                throw .trailingBytes(offset: parser.scanner.index)
            }
        }
    }
}
