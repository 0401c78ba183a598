package import WireFormat

/// A filter compiled for the rows of one field set.
package struct BoundFilter: Sendable {
    /// Empty for the blank filter.
    let program: [Instruction]
    let tests: [BoundTest]

    /// Whether the operation in the row matches.
    ///
    /// Allocates nothing for presence, booleans, numbers, timestamps, and for texts without
    /// escapes.
    /// - Parameter row: read with the fields that the filter was bound to.
    package func matches(_ row: borrowing FieldRow) -> Bool {
        var holds = true
        var next = 0
        while next < program.count {
            switch program[next] {
            case .test(let index):
                holds = tests[index].holds(in: row)
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
}
