import SeededRandom

/// Expressions about a given operation: most paths lead somewhere in it, and most values are
/// equal or close to what is found there.
struct RandomFilter {
    var random: SplitMix
    var scalars: RandomScalars
    let operation: NaiveValue

    init(seed: UInt64, about operation: NaiveValue) {
        random = SplitMix(seed: seed)
        scalars = RandomScalars(random: SplitMix(seed: seed ^ 0x0F117E2))
        self.operation = operation
    }

    mutating func expression(depth: Int) -> NaiveFilter {
        guard depth > 0 else { return term() }
        switch random.below(6) {
        case 0, 1: return .all(expressions(depth: depth - 1))
        case 2, 3: return .any(expressions(depth: depth - 1))
        case 4: return .not(expression(depth: depth - 1))
        default: return term()
        }
    }

    private mutating func expressions(depth: Int) -> [NaiveFilter] {
        var result: [NaiveFilter] = []
        for _ in 0..<2 + random.below(2) { result.append(expression(depth: depth)) }
        return result
    }

    private mutating func term() -> NaiveFilter {
        switch random.below(16) {
        case 0: return .word(word())
        case 1...3:
            let (path, field) = place()
            let text = calledText(field)
            return .call(random.pick(NaiveFunction.allCases), path, text: text)
        default:
            let (path, field) = place()
            let comparator = random.pick(
                NaiveComparator.allCases + [.equal, .equal, .notEqual, .has, .has, .has, .has])
            let values = values(for: comparator, field)
            return .comparison(path, comparator, values)
        }
    }

    private mutating func word() -> NaiveLiteral {
        if random.once(in: 12) { return .star(isQuoted: random.once(in: 2)) }
        var text = random.pick(["deploy", "done", "DONE", "a", "operations", "p/o", "5", "1.10"])
        if random.once(in: 2) { text = scalars.text() }
        let isQuoted = !NaiveSpelling.isWord(text) || random.once(in: 3)
        return NaiveLiteral(text: text, isQuoted: isQuoted)
    }

    private mutating func calledText(_ field: NaiveValue) -> String {
        guard case .text(let text) = field, !random.once(in: 6) else { return scalars.text() }
        let scalars = Array(text.unicodeScalars)
        let cut = random.below(scalars.count + 1)
        var view = String.UnicodeScalarView()
        view.append(contentsOf: random.once(in: 2) ? scalars[..<cut] : scalars[cut...])
        if random.once(in: 8) { view.append("*") }
        return String(view)
    }

    /// A path and what it leads to, which is not exact behind a list and need not be.
    private mutating func place() -> (path: [NaiveSegment], field: NaiveValue) {
        var path: [NaiveSegment] = []
        if random.once(in: 25) {
            append("done", to: &path)
            return (path, .bool(random.once(in: 2)))
        }
        var current = operation
        walk: while true {
            switch current {
            case .object(let members) where !members.isEmpty:
                if !path.isEmpty, random.once(in: 6) { break walk }
                let member = random.pick(members)
                append(member.key, to: &path)
                current = member.value
            case .list(let elements) where !elements.isEmpty && !random.once(in: 4):
                current = random.pick(elements)
            default: break walk
            }
        }
        if path.isEmpty || random.once(in: 10) {
            append(random.pick(RandomOperation.keys + ["name", "done", "error"]), to: &path)
            if path.count == 1, random.once(in: 2) { append("a", to: &path) }
        } else if random.once(in: 16) {
            path.removeLast()
            append(random.pick(RandomOperation.keys), to: &path)
        }
        return (path, current)
    }

    private mutating func append(_ key: String, to path: inout [NaiveSegment]) {
        let text = random.once(in: 4) ? RandomOperation.otherSpelling(key) : key
        let isName = NaiveSpelling.isName(text, isFirst: path.isEmpty)
        path.append(NaiveSegment(text: text, isQuoted: !isName || random.once(in: 5)))
    }

    private mutating func values(
        for comparator: NaiveComparator, _ field: NaiveValue
    ) -> NaiveValues {
        guard comparator == .equal || comparator == .has, random.once(in: 4) else {
            return .one(literal(for: comparator, field))
        }
        return group(for: comparator, field, depth: 2)
    }

    private mutating func group(
        for comparator: NaiveComparator, _ field: NaiveValue, depth: Int
    ) -> NaiveValues {
        var members: [NaiveValues] = []
        for _ in 0..<1 + random.below(3) {
            let isGroup = depth > 0 && random.once(in: 4)
            members.append(
                isGroup
                    ? group(for: comparator, field, depth: depth - 1)
                    : .one(literal(for: comparator, field)))
        }
        return random.once(in: 3) ? .all(members) : .any(members)
    }

    private mutating func literal(
        for comparator: NaiveComparator, _ field: NaiveValue
    ) -> NaiveLiteral {
        if comparator == .has, random.once(in: 4) { return .star(isQuoted: random.once(in: 4)) }
        var text = text(like: field)
        if comparator.isOrder, !NaiveSpelling.mayFollowOrder(text) {
            text = random.pick(["DONE", "1", "5", "2024", "90s", "CREATE", "\u{E9}"])
        }
        let isQuoted = !NaiveSpelling.isValue(text) || random.once(in: 3)
        var literal = NaiveLiteral(text: text, isQuoted: isQuoted)
        if [.equal, .notEqual].contains(comparator), random.once(in: 5) {
            literal.opensWithStar = random.once(in: 2)
            literal.closesWithStar = !literal.opensWithStar || random.once(in: 3)
            literal.isQuoted = !NaiveSpelling.isPlainWord(text) || random.once(in: 2)
        }
        return literal
    }

    private mutating func text(like field: NaiveValue) -> String {
        if random.once(in: 6) { return scalars.text() }
        switch field {
        case .null: return random.pick(["null", "x", "0", "false"])
        case .bool(let flag):
            if random.once(in: 4) { return scalars.text() }
            return flag != random.once(in: 4) ? "true" : "false"
        case .number(let text), .text(let text):
            return random.once(in: 3) ? text : scalars.related(to: text)
        case .list(let elements):
            return elements.isEmpty ? scalars.text() : self.text(like: random.pick(elements))
        case .object(let members):
            guard !members.isEmpty else { return random.pick(RandomOperation.keys) }
            let key = random.pick(members).key
            return random.once(in: 3) ? RandomOperation.otherSpelling(key) : key
        }
    }
}

/// What may stand without quotes, and where; the rest is refused or would mean something else.
enum NaiveSpelling {
    private static let reserved = ["AND", "OR", "NOT", "NULL"]

    static func isName(_ text: String, isFirst: Bool) -> Bool {
        let isPlain = text.unicodeScalars.allSatisfy { isLetter($0) || isNumeral($0) || $0 == "_" }
        guard isPlain, let first = text.unicodeScalars.first else { return false }
        if reserved.contains(text.uppercased()) { return !isFirst && text == text.uppercased() }
        return !isNumeral(first) || !isFirst
    }

    static func isValue(_ text: String) -> Bool {
        if NaiveInstant(text) != nil || NaiveDecimal(json: text) != nil { return true }
        let body = text.hasPrefix("-") ? text.dropFirst() : text[...]
        guard let first = body.unicodeScalars.first, let last = body.unicodeScalars.last,
            isLetter(first) || isNumeral(first), isLetter(last) || isNumeral(last)
        else { return false }
        // What looks like a timestamp without being one is refused where it is not quoted.
        if body.utf8.prefix(5).contains(UInt8(ascii: "-")), isNumeral(first) { return false }
        let isPlain = body.unicodeScalars.allSatisfy {
            isLetter($0) || isNumeral($0) || "_./+-".unicodeScalars.contains($0)
        }
        return isPlain && !reserved.contains(text.uppercased()) && !text.contains("..")
    }

    /// A value that may stand alone as a term, where a `-` would negate it.
    static func isWord(_ text: String) -> Bool {
        isValue(text) && !text.hasPrefix("-") && !text.contains(":")
    }

    /// Letters, digits and `_` only, so that a wildcard may touch them.
    static func isPlainWord(_ text: String) -> Bool {
        !text.isEmpty && isName(text, isFirst: true)
    }

    /// Behind `<` and the like, what begins like a number has to be a value of a known kind.
    static func mayFollowOrder(_ text: String) -> Bool {
        if NaiveInstant(text) != nil || NaiveDecimal(json: text) != nil { return true }
        if naiveNanoseconds(text) != nil { return true }
        let body = text.drop { "-+. ".contains($0) }
        return body.unicodeScalars.first.map { !isNumeral($0) } ?? true
    }

    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || scalar == "\u{E9}"
    }

    private static func isNumeral(_ scalar: Unicode.Scalar) -> Bool {
        ("0"..."9").contains(scalar)
    }
}
