/// Evaluation word by word after docs/filter.md: slow, and simple enough to check by reading.
extension NaiveFilter {
    func matches(_ operation: NaiveValue) -> Bool {
        switch self {
        case .all(let children): children.allSatisfy { $0.matches(operation) }
        case .any(let children): children.contains { $0.matches(operation) }
        case .not(let child): !child.matches(operation)
        case .comparison(let path, let comparator, let values):
            values.holds { Self.compare(path, comparator, $0, in: operation) }
        case .call(let function, let path, let text):
            Self.call(function, path, text, in: operation)
        case .word(let literal):
            Self.has(literal, [NaiveSegment(text: "name", isQuoted: false)], in: operation)
        }
    }

    private static func compare(
        _ path: [NaiveSegment], _ comparator: NaiveComparator, _ literal: NaiveLiteral,
        in operation: NaiveValue
    ) -> Bool {
        if comparator == .has { return has(literal, path, in: operation) }
        guard let parent = parent(of: path, in: operation) else { return false }
        var field = parent.find(path[path.count - 1]) ?? .null
        if field.isNull, isDone(path) { field = .bool(false) }
        switch field {
        case .null: return comparator == .notEqual
        case .list, .object: return false
        case .bool, .number, .text: return field.test(comparator, literal)
        }
    }

    private static func isDone(_ path: [NaiveSegment]) -> Bool {
        path.count == 1 && path[0].text == "done"
    }

    /// The object that holds the last name of the path; there is none behind a list.
    private static func parent(of path: [NaiveSegment], in operation: NaiveValue) -> NaiveValue? {
        var current = operation
        for segment in path.dropLast() {
            guard let next = current.find(segment) else { return nil }
            current = next
        }
        if case .object = current { return current }
        return nil
    }

    private static func call(
        _ function: NaiveFunction, _ path: [NaiveSegment], _ text: String, in operation: NaiveValue
    ) -> Bool {
        guard case .text(let field)? = parent(of: path, in: operation)?.find(path[path.count - 1])
        else { return false }
        return switch function {
        case .startsWith: Array(field.utf8).starts(with: text.utf8)
        case .endsWith: Array(field.utf8).reversed().starts(with: text.utf8.reversed())
        }
    }

    private static func has(
        _ literal: NaiveLiteral, _ path: [NaiveSegment], in operation: NaiveValue
    ) -> Bool {
        if isDone(path), operation.find(path[0])?.isNull ?? true {
            return !literal.hasStar && NaiveValue.bool(false).equals(literal)
        }
        return operation.has(literal, path[...], isBehindList: false)
    }
}

extension NaiveValues {
    /// `a = (b OR c)` is `a = b OR a = c`.
    func holds(_ test: (NaiveLiteral) -> Bool) -> Bool {
        switch self {
        case .one(let literal): test(literal)
        case .any(let members): members.contains { $0.holds(test) }
        case .all(let members): members.allSatisfy { $0.holds(test) }
        }
    }
}

extension NaiveValue {
    /// The value of the exact key, else of its other spelling unless the name is quoted.
    func find(_ segment: NaiveSegment) -> NaiveValue? {
        guard case .object(let members) = self else { return nil }
        if let member = members.first(where: { sameBytes($0.key, segment.text) }) {
            return member.value
        }
        guard !segment.isQuoted else { return nil }
        let other = Self.otherSpelling(segment.text)
        return members.first { sameBytes($0.key, other) }?.value
    }

    /// `create_time` for `createTime`, and the other way round.
    static func otherSpelling(_ name: String) -> String {
        var result = ""
        var isRaised = false
        for character in name {
            if character == "_" {
                isRaised = true
            } else if isRaised {
                result += character.uppercased()
                isRaised = false
            } else if character.isUppercase, !name.contains("_") {
                result += "_" + character.lowercased()
            } else {
                result.append(character)
            }
        }
        return result
    }

    func has(
        _ literal: NaiveLiteral, _ path: ArraySlice<NaiveSegment>, isBehindList: Bool
    ) -> Bool {
        if let segment = path.first {
            if case .list(let elements) = self {
                return elements.contains { element in
                    if case .list = element { return false }
                    return element.has(literal, path, isBehindList: true)
                }
            }
            let next = find(segment) ?? .null
            return next.has(literal, path.dropFirst(), isBehindList: isBehindList)
        }
        if literal.isStarAlone { return isThere }
        switch self {
        case .null: return false
        case .bool, .number: return equals(literal)
        case .text(let text): return isBehindList ? equals(literal) : text.holds(literal.text)
        case .list(let elements): return elements.contains { $0.equals(literal) }
        case .object:
            let key = NaiveSegment(text: literal.text, isQuoted: literal.isQuoted)
            return !isBehindList && find(key)?.isThere ?? false
        }
    }

    /// An empty text, an empty object, zero and false are there; null and an empty list are not.
    private var isThere: Bool {
        switch self {
        case .null: false
        case .list(let elements): !elements.isEmpty
        case .bool, .number, .text, .object: true
        }
    }

    func test(_ comparator: NaiveComparator, _ literal: NaiveLiteral) -> Bool {
        switch comparator {
        case .equal, .has: return equals(literal)
        case .notEqual: return !equals(literal)
        case .less: return order(to: literal.text).map { $0 < 0 } ?? false
        case .lessOrEqual: return order(to: literal.text).map { $0 <= 0 } ?? false
        case .greater: return order(to: literal.text).map { $0 > 0 } ?? false
        case .greaterOrEqual: return order(to: literal.text).map { $0 >= 0 } ?? false
        }
    }

    func equals(_ literal: NaiveLiteral) -> Bool {
        switch self {
        case .null, .list, .object: return false
        case .bool(let flag): return !literal.hasStar && literal.text == (flag ? "true" : "false")
        case .number: return !literal.hasStar && order(to: literal.text) == 0
        case .text(let text):
            if literal.hasStar { return text.fits(literal) }
            return NaiveText(text).equals(literal.text)
        }
    }

    private func order(to value: String) -> Int? {
        switch self {
        case .null, .bool, .list, .object: return nil
        case .number(let text):
            guard let number = NaiveDecimal(json: text), let other = NaiveDecimal(json: value)
            else { return nil }
            return number.order(to: other)
        case .text(let text): return NaiveText(text).order(to: value)
        }
    }
}

extension String {
    fileprivate func holds(_ part: String) -> Bool {
        let (bytes, part) = (Array(utf8), Array(part.utf8))
        return bytes.indices.contains { bytes[$0...].starts(with: part) } || part.isEmpty
    }

    fileprivate func fits(_ pattern: NaiveLiteral) -> Bool {
        let (bytes, part) = (Array(utf8), Array(pattern.text.utf8))
        switch (pattern.opensWithStar, pattern.closesWithStar) {
        case (true, true): return holds(pattern.text)
        case (true, false): return bytes.reversed().starts(with: part.reversed())
        case (false, true): return bytes.starts(with: part)
        case (false, false): return bytes == part
        }
    }
}

/// A text field beside a value: what it compares as is decided by the two of them together.
struct NaiveText {
    var text: String

    init(_ text: String) { self.text = text }

    func equals(_ value: String) -> Bool {
        if let order = typedOrder(to: value) { return order == 0 }
        return sameBytes(text, value)
    }

    func order(to value: String) -> Int? {
        if let order = typedOrder(to: value) { return order }
        if Self.isTyped(value) { return nil }
        return byteOrder(Array(text.utf8), Array(value.utf8))
    }

    /// The order as instants, durations or numbers, where both are of the kind.
    private func typedOrder(to value: String) -> Int? {
        if let left = NaiveInstant(text), let right = NaiveInstant(value) {
            return left.order(to: right)
        }
        if let left = naiveNanoseconds(text), let right = naiveNanoseconds(value) {
            return left == right ? 0 : (left < right ? -1 : 1)
        }
        if !text.contains(where: { ".eE".contains($0) }),
            let left = NaiveDecimal(json: text), let right = NaiveDecimal(json: value)
        {
            return left.order(to: right)
        }
        return nil
    }

    private static func isTyped(_ value: String) -> Bool {
        NaiveInstant(value) != nil || naiveNanoseconds(value) != nil
            || NaiveDecimal(json: value) != nil
    }
}
