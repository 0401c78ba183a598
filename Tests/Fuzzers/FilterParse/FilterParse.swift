import FilterLanguage

/// Reads any bytes as an expression: it is refused inside its bounds, or it can be written and
/// read again as the same filter.
@_cdecl("LLVMFuzzerTestOneInput")
package func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let text = String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    do throws(FilterError) {
        let filter = try Filter(parsing: text)
        checkText(of: filter)
        checkProof(of: filter)
        for advice in filter.advice { checkCaret(advice.caret(in: text), at: advice.offset, text) }
    } catch {
        checkCaret(error.caret(in: text), at: error.offset, text)
        precondition(error.description.unicodeScalars.allSatisfy { $0.value >= 0x20 })
    }
    return 0
}

private func checkText(of filter: Filter) {
    do throws(FilterError) {
        let again = try Filter(parsing: filter.description)
        precondition(again == filter, "the canonical form is another filter")
        precondition(again.description == filter.description, "it is written in two ways")
        precondition(again.paths == filter.paths, "it reads other fields")
    } catch {
        preconditionFailure("the canonical form is refused: \(error)")
    }
}

/// A proof ends, and comes out the same every time.
private func checkProof(of filter: Filter) {
    var proof = FilterProof(stepsMax: 300)
    let conflict = proof.conflict(in: filter, outside: [filter])
    var again = FilterProof(stepsMax: 300)
    precondition(again.conflict(in: filter, outside: [filter]) == conflict, "it wavers")
}

private func checkCaret(_ caret: String, at offset: Int, _ text: String) {
    precondition((0...text.utf8.count).contains(offset), "the spot is outside")
    precondition(caret.hasSuffix("^"), "the caret is missing")
}
