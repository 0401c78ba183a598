internal import WireFormat

/// Running a test on a row.
extension Operand {
    /// Whether the comparison holds.
    /// - Parameter tails: those of the whole filter.
    func holds(in row: RowView, tails: [[FieldSet]]) -> Bool {
        let field = row[test.slot]
        if test.isFalseWhenAbsent, field.kind == .absent || field.kind == .null,
            test.boolean != nil
        {
            return compares(relation(of: false))
        }
        if test.comparator == .has { return has(field, in: row, tails) }
        switch field.kind {
        case .true, .false:
            return compares(relation(of: field.kind == .true))
        case .absent, .null:
            return test.comparator == .notEqual && isParentPresent(in: row)
        case .object, .array, .repeated:
            return false
        case .number:
            return relation(ofNumber: row.json(field)).satisfies(test.comparator)
        case .string:
            return row.withText(field, relation(ofText:)).satisfies(test.comparator)
        }
    }

    /// Booleans are in no order.
    private func compares(_ relation: Relation) -> Bool {
        !test.comparator.isOrdering && relation.satisfies(test.comparator)
    }

    private func isParentPresent(in row: RowView) -> Bool {
        guard let parent = test.parent else { return true }
        return row[parent].kind == .object
    }

    // MARK: Has

    private func has(_ field: FieldSlot, in row: RowView, _ tails: [[FieldSet]]) -> Bool {
        switch field.kind {
        case .absent, .null:
            false
        case .true, .false:
            test.isStar || relation(of: field.kind == .true) == .equal
        case .number:
            test.isStar || relation(ofNumber: row.json(field)) == .equal
        case .string:
            test.isStar || row.withText(field, isInside)
        case .object:
            test.isStar || isKeyPresent(in: row)
        case .array:
            equalsAny(of: FieldValue(field, in: row.page).elements, in: row.page)
        case .repeated:
            isInElements(
                FieldValue(field, in: row.page).elements, of: row.page, behind: field.depth,
                tails[test.tails])
        }
    }

    private func isKeyPresent(in row: RowView) -> Bool {
        guard let key = test.key else { return false }
        let field = row[key]
        switch field.kind {
        case .absent, .null: return false
        case .array: return !FieldValue(field, in: row.page).elements.isEmpty
        case .true, .false, .number, .string, .object, .repeated: return true
        }
    }

    // MARK: Lists

    /// Follows the rest of the path into the objects of a list that stands on the way.
    ///
    /// Recursion ends with the path, as each list takes at least one segment of it.
    /// - Parameters:
    ///   - depth: how many segments lead to the list.
    ///   - tails: what remains of the path behind each of its inner segments.
    private func isInElements(
        _ elements: [FieldElement], of page: [UInt8], behind depth: Int, _ tails: [FieldSet]
    ) -> Bool {
        guard depth > 0, depth <= tails.count else { return false }
        let limits = ReadLimits(bytesMax: page.count)
        var inner = FieldRow()
        return elements.contains { element in
            guard element.kind == .object else { return false }
            do throws(WireError) {
                try ObjectReader.read(
                    page, in: element.range, fields: tails[depth - 1], limits: limits, into: &inner)
            } catch {
                return false
            }
            return isInElement(inner, behind: depth, tails)
        }
    }

    /// In a list, `:` means equality, also for texts.
    private func isInElement(_ inner: FieldRow, behind depth: Int, _ tails: [FieldSet]) -> Bool {
        let field = FieldElement(kind: inner.kind(0), range: inner.range(0))
        switch field.kind {
        case .absent, .null:
            return false
        case .array:
            return equalsAny(of: inner.elements(0), in: inner.bytes)
        case .repeated:
            return isInElements(
                inner.elements(0), of: inner.bytes, behind: depth + inner.repeatedDepth(0), tails)
        case .true, .false, .number, .string, .object:
            return equalsAny(of: [field], in: inner.bytes)
        }
    }

    private func equalsAny(of elements: [FieldElement], in page: [UInt8]) -> Bool {
        elements.contains { test.isStar || equals($0, in: page) }
    }

    private func equals(_ element: FieldElement, in page: [UInt8]) -> Bool {
        switch element.kind {
        case .true, .false:
            return relation(of: element.kind == .true) == .equal
        case .number:
            return page.withUnsafeBufferPointer { bytes in
                relation(ofNumber: .init(rebasing: bytes[element.range])) == .equal
            }
        case .string:
            guard var text = FieldValue(element, in: page).string else { return false }
            return text.withUTF8(relation(ofText:)) == .equal
        case .absent, .null, .object, .array, .repeated:
            return false
        }
    }
}
