internal import WireFormat

/// One step of a program, which works on a single truth value.
enum Instruction: Equatable, Sendable {
    /// Runs the test with this index and takes its result.
    case test(Int)
    /// Turns the value around.
    case not
    /// Goes on at the index if the value is this one.
    case jump(if: Bool, to: Int)
}

/// Turns a tree into a flat program: AND and OR become jumps, so that it needs no stack.
struct Compiler {
    let fields: FieldSet
    private(set) var program: [Instruction] = []
    private(set) var tests: [BoundTest] = []

    init(fields: FieldSet) {
        self.fields = fields
    }

    /// Appends the steps of the tree.
    mutating func add(_ tree: FilterTree) {
        switch tree {
        case .everything: break
        case .all(let members): add(members, leavingOn: false)
        case .any(let members): add(members, leavingOn: true)
        case .not(let inner):
            add(inner)
            program.append(.not)
        case .comparison(let comparison): add(comparison)
        case .word(let literal): add(Comparison(word: literal))
        }
    }

    /// Members one after another; the first with the decisive value ends the list.
    private mutating func add(_ members: [FilterTree], leavingOn decisive: Bool) {
        var jumps: [Int] = []
        for (place, member) in members.enumerated() {
            add(member)
            guard place < members.count - 1 else { break }
            jumps.append(program.count)
            program.append(.jump(if: decisive, to: 0))
        }
        for jump in jumps { program[jump] = .jump(if: decisive, to: program.count) }
    }

    private mutating func add(_ comparison: Comparison) {
        program.append(.test(tests.count))
        tests.append(
            BoundTest(
                comparison, slot: slot(comparison.path), parent: comparison.parent.map(slot),
                key: comparison.key.map(slot)))
    }

    private func slot(_ path: FieldPath) -> Int {
        guard let slot = fields.slot(path) else {
            preconditionFailure("the field set lacks \(path), which the filter reads")
        }
        return slot
    }
}
