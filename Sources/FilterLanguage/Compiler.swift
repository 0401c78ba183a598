internal import WireFormat

/// Turns a tree into a flat program: AND and OR become jumps, so that it needs no stack.
struct Compiler {
    private let fields: FieldSet
    private var program: [Instruction] = []
    private var tests: [BoundTest] = []
    private var calls: [BoundCall] = []
    private var texts: [UInt8] = []
    private var borders: [UInt16] = []
    private var tails: [[FieldSet]] = []

    /// The program of a tree.
    static func compile(_ tree: FilterTree, for fields: FieldSet) -> BoundFilter {
        var compiler = Compiler(fields: fields)
        compiler.add(tree)
        return BoundFilter(
            program: compiler.program, tests: compiler.tests, calls: compiler.calls,
            texts: compiler.texts, borders: compiler.borders, tails: compiler.tails)
    }

    private init(fields: FieldSet) {
        self.fields = fields
    }

    private mutating func add(_ tree: FilterTree) {
        switch tree {
        case .everything: break
        case .all(let members): add(members, leavingOn: false)
        case .any(let members): add(members, leavingOn: true)
        case .not(let inner):
            add(inner)
            program.append(.not)
        case .comparison(let comparison): add(comparison)
        case .call(let call): add(call)
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
        let literal = comparison.literal
        let text = Array(literal.text.utf8)
        program.append(.test(tests.count))
        tests.append(
            BoundTest(
                comparator: comparison.comparator, slot: slot(comparison.path),
                parent: comparison.parent.map(slot), key: comparison.key.map(slot),
                isFalseWhenAbsent: comparison.path.segments.map(\.text) == ["done"],
                tails: tails.count, text: texts.count..<texts.count + text.count,
                type: literal.isPattern ? .text : LiteralType(text),
                boolean: literal.isPattern ? nil : ["true": true, "false": false][literal.text],
                isOpenAtStart: literal.isOpenAtStart, isOpenAtEnd: literal.isOpenAtEnd))
        texts += text
        borders += Operand.borders(of: text)
        tails.append(comparison.comparator == .has ? Self.tails(of: comparison.path) : [])
    }

    private static func tails(of path: FieldPath) -> [FieldSet] {
        path.segments.indices.dropFirst().map { start in
            FieldSet([FieldPath(segments: Array(path.segments[start...]))])
        }
    }

    private mutating func add(_ call: FunctionCall) {
        program.append(.call(calls.count))
        calls.append(
            BoundCall(
                function: call.function, slot: slot(call.path),
                texts: call.texts.map { Array($0.utf8) }))
    }

    private func slot(_ path: FieldPath) -> Int {
        guard let slot = fields.slot(path) else {
            preconditionFailure("the field set lacks \(path), which the filter reads")
        }
        return slot
    }
}
