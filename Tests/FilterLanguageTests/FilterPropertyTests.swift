import FilterLanguage
import SeededRandom
import Testing
import WireFormat

@Suite("What holds for every expression")
struct FilterPropertyTests {
    private static let spaces = [" ", "  ", "\n", "\t"]
    private static let segments = [
        "a", "done", "metadata", "labels", "AND", "x-y", "1", "@type", "\"team/name\"", "'a.b'",
        "\"\\\"\"", "'*'", "\"\"", "snake_case", "é",
    ]
    private static let values = [
        "x", "5", "-2.5", "1e9", "true", "\"\"", "'it\\'s'", "\"\\u0007\\\\\"", "com.google.x",
        "\"AND\"", "20s", "2024-01-31T12:00:00Z", "\"2024-01-31T12:00:00+01:00\"", "foo-bar",
        "\"\\*\"", "\"é😀\"", "'\n'",
    ]

    /// A random expression; `reference` is its text in AND, OR, NOT and parentheses only.
    private static func expression(
        depth: Int, using random: inout SplitMix
    ) -> (text: String, reference: String) {
        var text = ""
        var clauses: [String] = []
        for index in 0..<Int.random(in: 1...3, using: &random) {
            if index > 0 {
                text += random.pick(spaces)
                if Bool.random(using: &random) { text += "AND" + random.pick(spaces) }
            }
            var terms: [String] = []
            for index in 0..<Int.random(in: 1...3, using: &random) {
                if index > 0 { text += random.pick(spaces) + "OR" + random.pick(spaces) }
                let term = term(depth: depth, using: &random)
                text += term.text
                terms.append(term.reference)
            }
            clauses.append("(" + terms.joined(separator: " OR ") + ")")
        }
        return (text, "(" + clauses.joined(separator: " AND ") + ")")
    }

    private static func term(
        depth: Int, using random: inout SplitMix
    ) -> (text: String, reference: String) {
        let sign = random.pick(["", "", "-", "NOT "])
        var inner: (text: String, reference: String)
        if depth > 0, Int.random(in: 0..<3, using: &random) == 0 {
            inner = expression(depth: depth - 1, using: &random)
            inner.text = "(" + inner.text + ")"
        } else {
            let restriction = restriction(using: &random)
            inner = (restriction, restriction)
        }
        return (sign + inner.text, sign.isEmpty ? inner.reference : "(NOT \(inner.reference))")
    }

    private static func restriction(using random: inout SplitMix) -> String {
        if Int.random(in: 0..<8, using: &random) == 0 {
            return random.pick(["word", "\"two words\"", "a.b", "*"])
        }
        if Int.random(in: 0..<8, using: &random) == 0 {
            return random.pick([
                "startsWith(name, 'a')", "a.endsWith( x.y )", "endsWith('q'.b,\"*\")",
                "a = (x OR 'y')", "a:(x AND (y OR *))", "a = (-5 OR *x)", "a.b=(x)",
            ])
        }
        var path = random.pick(["a", "metadata", "\"q.x\"", "name", "done"])
        for _ in 0..<Int.random(in: 0...3, using: &random) {
            path += "." + random.pick(segments)
        }
        let comparator = random.pick(["=", "!=", "<", "<=", ">", ">=", ":"])
        let pattern = random.pick(["*", "x*", "*x", "\"*x*\"", "'*'"])
        let value =
            switch comparator {
            case "=", "!=": random.pick([random.pick(values), pattern])
            case ":": random.pick([random.pick(values), "*"])
            default: random.pick(values)
            }
        let space = random.pick(["", " "])
        return path + space + comparator + space + value
    }

    private static let operations = [
        FilterMatchTests.deploy, FilterMatchTests.finished, FilterMatchTests.fresh, "{}",
        #"{"a": {"labels": "x"}, "metadata": {"a": [{"a": "5"}], "labels": {"1": 5}}}"#,
    ]

    @Test("the canonical form reads back, and groups as the grammar says", arguments: 0..<8)
    func canonical(run: Int) throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SplitMix(seed: seed)
        for _ in 0..<100 {
            let (text, reference) = Self.expression(depth: 3, using: &random)
            let filter = try Filter(parsing: text)
            let again = try Filter(parsing: filter.description)
            #expect(again == filter, "seed \(seed): \(text)")
            #expect(again.description == filter.description, "seed \(seed): \(text)")
            #expect(again.paths == filter.paths, "seed \(seed): \(text)")
            #expect(try Filter(parsing: reference) == filter, "seed \(seed): \(text)")
        }
    }

    @Test(
        "NOT, AND and OR are those of logic: double negation and De Morgan's laws included",
        arguments: 0..<4)
    func logic(run: Int) throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SplitMix(seed: seed)
        for _ in 0..<50 {
            let left = Self.expression(depth: 1, using: &random).text
            let right = Self.expression(depth: 1, using: &random).text
            let operation = random.pick(Self.operations)
            let first = try evaluate(left, on: operation)
            let second = try evaluate(right, on: operation)
            let place = "seed \(seed): \(left) / \(right) on \(operation)" as Comment
            #expect(try evaluate("NOT (\(left))", on: operation) == !first, place)
            #expect(
                try evaluate("(\(left)) AND (\(right))", on: operation) == (first && second), place)
            #expect(
                try evaluate("(\(left)) OR (\(right))", on: operation) == (first || second), place)
            #expect(try evaluate("NOT (NOT (\(left)))", on: operation) == first, place)
            #expect(
                try evaluate("NOT ((\(left)) AND (\(right)))", on: operation)
                    == evaluate("(NOT (\(left))) OR (NOT (\(right)))", on: operation), place)
            #expect(
                try evaluate("NOT ((\(left)) OR (\(right)))", on: operation)
                    == evaluate("(NOT (\(left))) AND (NOT (\(right)))", on: operation), place)
        }
    }

    @Test("random bytes are read or refused inside their bounds, never a trap", arguments: 0..<8)
    func bytes(run: Int) {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SplitMix(seed: seed)
        for _ in 0..<500 {
            let count = Int.random(in: 0...60, using: &random)
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            Self.read(String(decoding: bytes, as: UTF8.self), seed: seed)
        }
    }

    @Test("random pieces of the language are read or refused, never a trap", arguments: 0..<8)
    func pieces(run: Int) {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SplitMix(seed: seed)
        let pieces =
            Self.segments + Self.values + [
                " ", " ", " ", "(", ")", ",", ".", "-", "AND", "OR", "NOT", "and", "=", "!=", "<",
                ">=", ":", "*", "\"", "'", "\\", "startsWith(", "\u{0}", "\u{301}",
                "2024-01-31T12:", "null", "45m", "&&", "==",
            ]
        for _ in 0..<500 {
            let count = Int.random(in: 0...25, using: &random)
            Self.read((0..<count).map { _ in random.pick(pieces) }.joined(), seed: seed)
        }
    }

    private static func read(_ text: String, seed: UInt64) {
        do throws(FilterError) {
            let filter = try Filter(parsing: text)
            let again = try Filter(parsing: filter.description)
            #expect(again == filter, "seed \(seed): \(text)")
        } catch {
            #expect((0...text.utf8.count).contains(error.offset), "seed \(seed): \(text)")
            #expect(error.caret(in: text).hasSuffix("^"), "seed \(seed): \(text)")
            let isPlain = error.description.unicodeScalars.allSatisfy { $0.value >= 0x20 }
            #expect(isPlain, "seed \(seed): \(text)")
        }
    }
}
