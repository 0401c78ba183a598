package import WireFormat

/// A filter compiled for the rows of one field set.
package struct BoundFilter: Sendable {
    /// Empty for the blank filter.
    let program: [Instruction]
    let tests: [BoundTest]
    let calls: [BoundCall]
    /// The texts of all literals.
    let texts: [UInt8]
    /// Parallel to `texts`, see `Operand.borders(of:)`.
    let borders: [UInt16]
    /// What remains of a path behind its inner segments, for lists on the way; `BoundTest.tails`
    /// is the index.
    let tails: [[FieldSet]]

    /// Whether the operation in the row matches.
    ///
    /// Allocates nothing unless a list or a text with escapes is looked at.
    /// - Parameter row: read with the fields that the filter was bound to.
    package func matches(_ row: borrowing FieldRow) -> Bool {
        let (page, slots) = (row.bytes, row.slots)
        return page.withUnsafeBufferPointer { bytes in
            slots.withUnsafeBufferPointer { slots in
                run(on: RowView(page: page, bytes: bytes, slots: slots))
            }
        }
    }

    private func run(on row: RowView) -> Bool {
        var holds = true
        var next = 0
        while next < program.count {
            switch program[next] {
            case .test(let index):
                holds = withOperand(of: tests[index]) { $0.holds(in: row, tails: tails) }
            case .call(let index):
                holds = calls[index].holds(in: row)
            case .not:
                holds.toggle()
            case .jump(let value, let target):
                if holds == value {
                    next = target
                    continue
                }
            }
            next += 1
        }
        return holds
    }

    /// Gives a test with the text of its literal to the body.
    private func withOperand(of test: BoundTest, _ body: (Operand) -> Bool) -> Bool {
        texts.withUnsafeBufferPointer { texts in
            borders.withUnsafeBufferPointer { borders in
                body(
                    Operand(
                        test: test, text: .init(rebasing: texts[test.text]),
                        borders: .init(rebasing: borders[test.text])))
            }
        }
    }
}
