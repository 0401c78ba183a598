import FilterLanguage
import WireFormat

/// Runs an expression, which ends at the first line feed, on the operation behind it.
///
/// Whatever the operation is, the opposite expression gives the opposite answer, and the
/// explanation tells the same.
@_cdecl("LLVMFuzzerTestOneInput")
package func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = UnsafeBufferPointer(start: start, count: count)
    let end = input.firstIndex(of: UInt8(ascii: "\n")) ?? input.endIndex
    let text = String(decoding: input[..<end], as: UTF8.self)
    let operation = Array(input[end...].dropFirst())
    do throws(FilterError) {
        check(try Filter(parsing: text), on: operation)
    } catch {
        return -1
    }
    return 0
}

private func check(_ filter: Filter, on operation: [UInt8]) {
    let fields = FieldSet(filter.paths)
    var row = FieldRow()
    do throws(WireError) {
        try ObjectReader.read(operation, fields: fields, limits: .body, into: &row)
    } catch {
        // A row that was never read into, or was refused, has no fields.
        precondition(row.bytes.isEmpty)
    }
    let matches = filter.bound(to: fields).matches(row)
    let explanation = FilterExplainer(filter, fields: fields).explain(row)
    precondition(explanation.matches == matches, "the explanation tells otherwise")
    checkOpposite(of: filter, row, fields, matches)
}

private func checkOpposite(
    of filter: Filter, _ row: FieldRow, _ fields: FieldSet, _ matches: Bool
) {
    guard !filter.description.isEmpty else { return precondition(matches) }
    do throws(FilterError) {
        let opposite = try Filter(parsing: "NOT (\(filter))")
        precondition(
            opposite.bound(to: fields).matches(row) != matches, "NOT does not turn it around")
    } catch {
        // One group more than there may be.
        return
    }
}
