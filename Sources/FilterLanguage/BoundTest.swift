internal import WireFormat

/// One comparison, with its paths resolved to slots.
struct BoundTest: Sendable {
    let comparator: Comparator
    let literal: BoundLiteral
    let slot: Int
    /// The parent object; nil for a field of the operation itself.
    let parent: Int?
    /// The key that `m:key` asks for.
    let key: Int?
    /// What remains of the path behind each of its inner segments, for lists on the way.
    let tails: [FieldSet]
    /// `done` is the one boolean of an operation itself, and proto3 leaves out what is false.
    let isFalseWhenAbsent: Bool

    init(_ comparison: Comparison, slot: Int, parent: Int?, key: Int?) {
        let segments = comparison.path.segments
        comparator = comparison.comparator
        literal = BoundLiteral(comparison.literal)
        self.slot = slot
        self.parent = parent
        self.key = key
        isFalseWhenAbsent = segments.map(\.text) == ["done"]
        tails =
            comparator == .has
            ? segments.indices.dropFirst().map { start in
                FieldSet([FieldPath(segments: Array(segments[start...]))])
            } : []
    }

    /// Whether the comparison holds.
    func holds(in row: borrowing FieldRow) -> Bool {
        let kind = row.kind(slot)
        if isFalseWhenAbsent, kind == .absent || kind == .null, let boolean = literal.boolean {
            return !comparator.isOrdering
                && (boolean ? Relation.unequal : .equal).satisfies(comparator)
        }
        guard comparator != .has else { return has(kind, in: row) }
        switch kind {
        case .true, .false:
            return !comparator.isOrdering && relation(kind, in: row).satisfies(comparator)
        case .absent, .null:
            return comparator == .notEqual && isParentPresent(in: row)
        case .object, .array, .repeated:
            return false
        case .number, .string:
            return relation(kind, in: row).satisfies(comparator)
        }
    }

    private func isParentPresent(in row: borrowing FieldRow) -> Bool {
        guard let parent else { return true }
        return row.kind(parent) == .object
    }

    // MARK: Scalars

    private func relation(_ kind: FieldKind, in row: borrowing FieldRow) -> Relation {
        switch kind {
        case .true, .false:
            literal.boolean == (kind == .true) ? .equal : .unequal
        case .number:
            literal.relation(ofInteger: row.integer(slot), number: row.number(slot))
        case .string:
            textRelation(in: row)
        case .absent, .null, .object, .array, .repeated:
            .unequal
        }
    }

    /// Like `BoundLiteral.relation(ofText:)`, but reads the row in place where it can.
    private func textRelation(in row: borrowing FieldRow) -> Relation {
        if literal.isPattern { return text(in: row, satisfies: .fits) ? .equal : .unequal }
        if row.isString(slot, literal.text) { return .equal }
        if let timestamp = literal.timestamp {
            return row.timestamp(slot).map { Relation($0, timestamp) } ?? .unequal
        }
        let isTyped = literal.duration != nil || literal.number != nil
        guard comparator.isOrdering || isTyped else { return .unequal }
        return row.string(slot).map(literal.relation(ofText:)) ?? .unequal
    }

    private enum TextQuestion { case fits, contains }

    /// Asks about the text of a string slot; decodes it only if it has escapes.
    private func text(in row: borrowing FieldRow, satisfies question: TextQuestion) -> Bool {
        let raw = row.bytes[row.range(slot)].dropFirst().dropLast()
        let isPlain = !raw.contains(UInt8(ascii: "\\"))
        let text = isPlain ? raw : Array((row.string(slot) ?? "").utf8)[...]
        switch question {
        case .fits: return literal.fits(text)
        case .contains: return literal.isInside(text)
        }
    }

    // MARK: Has

    private func has(_ kind: FieldKind, in row: borrowing FieldRow) -> Bool {
        switch kind {
        case .absent, .null:
            false
        case .true, .false, .number:
            literal.isStar || relation(kind, in: row) == .equal
        case .string:
            literal.isStar || text(in: row, satisfies: .contains)
        case .object:
            literal.isStar || isKeyPresent(in: row)
        case .array:
            row.elements(slot).contains { literal.isStar || equals($0, of: row) }
        case .repeated:
            isInElements(of: slot, in: row)
        }
    }

    private func isKeyPresent(in row: borrowing FieldRow) -> Bool {
        guard let key else { return false }
        switch row.kind(key) {
        case .absent, .null: return false
        case .true, .false, .number, .string, .object, .array, .repeated: return true
        }
    }

    /// Follows the rest of the path into the objects of a list that stands on the way.
    ///
    /// Recursion ends with the path, as each list takes at least one segment of it.
    private func isInElements(of list: Int, in row: FieldRow, behind consumed: Int = 0) -> Bool {
        let depth = consumed + row.repeatedDepth(list)
        guard depth > consumed, depth <= tails.count else { return false }
        let limits = ReadLimits(bytesMax: row.bytes.count)
        return row.elements(list).contains { element in
            guard element.kind == .object else { return false }
            var inner = FieldRow()
            do {
                try ObjectReader.read(
                    row.bytes, in: element.range, fields: tails[depth - 1], limits: limits,
                    into: &inner)
            } catch {
                return false
            }
            return isInElement(inner, behind: depth)
        }
    }

    /// In a list, `:` means equality, also for texts.
    private func isInElement(_ inner: FieldRow, behind depth: Int) -> Bool {
        let field = FieldElement(kind: inner.kind(0), range: inner.range(0))
        switch field.kind {
        case .absent, .null: return false
        case .array: return inner.elements(0).contains { literal.isStar || equals($0, of: inner) }
        case .repeated: return isInElements(of: 0, in: inner, behind: depth)
        case .true, .false, .number, .string, .object:
            return literal.isStar || equals(field, of: inner)
        }
    }

    private func equals(_ element: FieldElement, of row: FieldRow) -> Bool {
        switch element.kind {
        case .true, .false:
            return literal.boolean == (element.kind == .true)
        case .number:
            let text = String(decoding: row.bytes[element.range], as: UTF8.self)
            return literal.relation(ofInteger: Int64(text), number: row.number(element)) == .equal
        case .string:
            return row.string(element).map { literal.relation(ofText: $0) == .equal } ?? false
        case .absent, .null, .object, .array, .repeated:
            return false
        }
    }
}
