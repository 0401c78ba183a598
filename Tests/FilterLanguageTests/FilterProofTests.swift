import FilterLanguage
import SeededRandom
import Testing

@Suite("What is proven of expressions without an operation")
struct FilterProofTests {
    private static func conflict(_ expression: String, outside others: [String] = []) throws
        -> String?
    {
        var proof = FilterProof()
        return proof.conflict(
            in: try Filter(parsing: expression), outside: try others.map { try Filter(parsing: $0) }
        )?.description
    }

    @Test(
        "terms of one field that exclude one another",
        arguments: [
            ("a = x AND a = y", "a = x and a = y exclude one another"),
            ("b:1 AND a = x AND c = d AND a = y", "a = x and a = y exclude one another"),
            ("a = x AND NOT a = x", "a = x and NOT a = x exclude one another"),
            ("a.b:x -a.b:x", "a.b:x and NOT a.b:x exclude one another"),
            ("a = x AND a != x", "a = x and a != x exclude one another"),
            ("a = x AND NOT a:*", "a = x and NOT a:* exclude one another"),
            ("a = true AND a = false", "a = true and a = false exclude one another"),
            ("a > 5 AND a < 3", "a > 5 and a < 3 exclude one another"),
            ("a > 5 AND a <= 5", "a > 5 and a <= 5 exclude one another"),
            ("a >= 5 AND a <= 5.0 AND a != 5e0", "a >= 5, a <= 5.0, a != 5e0 exclude one another"),
            ("a = 5 AND a > 5.5", "a = 5 and a > 5.5 exclude one another"),
            ("a = 5 AND NOT a < 6", "a = 5 and NOT a < 6 exclude one another"),
            (
                "a > 5 AND a > 2024-01-31T00:00:00Z",
                "a > 5 and a > 2024-01-31T00:00:00Z exclude one another"
            ),
            ("a > 5 AND a > 5s", "a > 5 and a > 5s exclude one another"),
            (
                "a < 2024-01-31T12:00:00Z AND a > 2024-01-31T13:00:00+01:00",
                "a < 2024-01-31T12:00:00Z and a > 2024-01-31T13:00:00+01:00 exclude one another"
            ),
            ("a > 60s AND a < 1.5s", "a > 60s and a < 1.5s exclude one another"),
            ("a < b AND a > c", "a < b and a > c exclude one another"),
            ("a = \"x*\" AND a = \"y*\"", "a = \"x*\" and a = \"y*\" exclude one another"),
            ("a = *x AND a.endsWith('y')", "a = *x and endsWith(a, \"y\") exclude one another"),
            ("a = foobar AND NOT a:oba", "a = foobar and NOT a:oba exclude one another"),
            ("a = foobar AND NOT a = foo*", "a = foobar and NOT a = foo* exclude one another"),
            ("a = *oob* AND NOT a:oo", "a = *oob* and NOT a:oo exclude one another"),
            ("a = x AND a > y", "a = x and a > y exclude one another"),
            ("a = x AND startsWith(a, 'y')", "a = x and startsWith(a, \"y\") exclude one another"),
            ("deploy AND NOT name:deploy", "name:deploy and NOT name:deploy exclude one another"),
            ("a = x AND (a = y OR a = z)", "a = x and a = y exclude one another"),
            ("a = x AND NOT (a = x OR b = y)", "a = x and NOT a = x exclude one another"),
            ("(a = x OR a = y) AND (a = z OR a > 5s)", "a = x and a = z exclude one another"),
            ("a = (x AND y)", "a = x and a = y exclude one another"),
        ])
    func exclusion(expression: String, expected: String) throws {
        #expect(try Self.conflict(expression) == expected)
    }

    @Test(
        "values that a field of every operation cannot have while it runs",
        arguments: [
            ("done = maybe", "done = maybe"), ("done > false", "done > false"),
            ("done = true", "done = true"), ("done:*  done:true", "done:true"),
            ("NOT done = false", "NOT done = false"), ("done != false", "done != false"),
            ("done.x:*", "done.x:*"), ("name.x = 1", "name.x = 1"),
            ("error = x", "error = x"), ("error.code > abc", "error.code > abc"),
            ("error.code = 1*", "error.code = 1*"),
            ("error.code = UNKNOWN", "error.code = UNKNOWN"),
            ("startsWith(error.code, '1')", "startsWith(error.code, \"1\")"),
            ("metadata = x", "metadata = x"), ("metadata != x AND metadata:*", "metadata != x"),
            ("NOT name:*", "NOT name:*"), ("NOT name = *", "NOT name = *"),
        ])
    func impossibleValue(expression: String, term: String) throws {
        let conflict = try Self.conflict(expression)
        if conflict != "\(term) cannot hold while an operation runs" {
            #expect(conflict?.hasPrefix(term) == true)
            #expect(conflict?.hasSuffix("exclude one another") == true)
        }
    }

    @Test(
        "what some operation may have is never denied",
        arguments: [
            "", "a = x", "a = x AND b = y", "a = x OR a = y", "a != x AND a != y",
            "a = 5 AND a = 5.0", "a = \"5\" AND a = 5", "a = true AND a = \"true\"",
            "a > 5 AND a < 6", "a >= 5 AND a <= 5", "a > 5 AND a > foo", "a = 2.5 AND a >= 2.5",
            "a = 2024-01-31T12:00:00Z AND a = 2024-01-31T13:00:00+01:00",
            "a > 2024-01-31T12:00:00Z AND a:\"2024-01\"", "a = 90s AND a = 90.0s",
            "a = x* AND a = *y", "a = x* AND a = xy*", "a = x* AND NOT a = xy*",
            "a:x AND a:y", "a:x AND NOT a:xy", "a = x AND a:x", "NOT a = x AND NOT a:*",
            "a.b != x AND a.b != y AND NOT a.b:*", "NOT a.b = x AND NOT a.b != x",
            "a.create_time = x AND a.createTime = y", "a.b = x AND a.\"b\" = y",
            "a:(red AND blue)", "a.b:x AND a.b:y AND NOT a.b:z", "done = false AND NOT done:*",
            "NOT done = true", "done != true", "NOT done:true", "done:false", "error:*",
            "error.code = 1", "error.code != 1", "NOT error.code:*", "metadata:x", "name = x",
            "name > x AND name < y", "response:*", "NOT metadata:*",
            "startsWith(a, x) endsWith(a, y)",
            "NOT startsWith(a, x) AND a:*", "a > b AND a < ba", "a.x = 1 AND NOT a.y = 1",
        ])
    func possible(expression: String) throws {
        #expect(try Self.conflict(expression) == nil)
    }

    @Test(
        "what one filter matches is left over by others, or not",
        arguments: [
            ("a = x AND b = y", ["a = x"], true), ("a = x", ["a = x AND b = y"], false),
            ("a = x", ["a = (x OR y)"], true), ("a = (x OR y)", ["a = x"], false),
            ("a = (x OR y)", ["a = x", "a = y"], true), ("a = x", ["a:*"], true),
            ("a:*", ["a = x"], false), ("a = CREATE_VERSION", ["a = CREATE_*"], true),
            ("a = CREATE_*", ["a = CREATE_VERSION"], false), ("a = 7", ["a > 5"], true),
            ("a > 7", ["a > 5"], true), ("a > 5", ["a > 7"], false), ("b:*", ["a = x"], false),
            ("c = z", ["a = x", "NOT a = x"], true), ("c = z", ["a = x", "a != x"], false),
            ("c = z", ["a.b = x", "a.b != x"], false), ("a = x", [""], true),
            ("", ["a = x"], false),
            ("", ["name:*"], true), ("name:*", [""], true), ("b = x", ["NOT done = true"], true),
            ("name:deploy AND a > 20s", ["name:dep"], true),
            ("name:dep", ["deploy"], false), ("a = x", ["a != y"], true),
            ("a = x OR b = y", ["b = y", "a = x"], true),
            ("(a = 1 OR b = 2) AND (c = 3 OR d = 4)", ["a = 1", "b = 2"], true),
            ("(a = 1 OR b = 2) AND (c = 3 OR d = 4)", ["c = 3", "b = 2"], false),
        ])
    func coverage(expression: String, others: [String], isCovered: Bool) throws {
        #expect(try (Self.conflict(expression, outside: others) != nil) == isCovered)
    }

    @Test("no question takes for ever: what is too much to try is not claimed")
    func effort() throws {
        let pairs = (0..<200).map { "(a\($0) = 1 OR b\($0) = 1)" }.joined(separator: " AND ")
        #expect(try Self.conflict(pairs) == nil)
        let many = (0..<700).map { "a:\($0)" }.joined(separator: " ")
        #expect(try Self.conflict(many) == nil)
        var proof = FilterProof(stepsMax: 1)
        #expect(proof.conflict(in: try Filter(parsing: "a = x AND a = y")) == nil)
    }

    @Test("what is called impossible never matches a random operation", arguments: 0..<8)
    func soundness(run: Int) throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SplitMix(seed: seed)
        var impossible = 0
        for _ in 0..<1_000 {
            var source = RandomOperation(seed: random.next())
            let operation = source.operation()
            guard operation.isRunningOperation else { continue }
            var json = NaiveJSONWriter(random: SplitMix(seed: random.next()))
            let text = json.json(operation)
            let filters = try (0..<4).map { _ in
                var source = RandomFilter(seed: random.next(), about: operation)
                var writer = NaiveWriter(random: SplitMix(seed: random.next()))
                return try Filter(parsing: writer.expression(source.expression(depth: 1)))
            }
            for (first, second) in zip(filters, filters.dropFirst()) {
                let both = try Filter(parsing: "(\(first)) AND (\(second))")
                var proof = FilterProof()
                let place = "seed \(seed): \(first) / \(second) on \(text)" as Comment
                if proof.conflict(in: both) != nil {
                    impossible += 1
                    #expect(try !evaluate(both, on: text), place)
                }
                if proof.conflict(in: first, outside: [second]) != nil {
                    impossible += 1
                    #expect(
                        try !evaluate(first, on: text) || evaluate(second, on: text), place)
                }
            }
        }
        #expect(impossible > 20)
    }
}

extension NaiveValue {
    /// It has of the fields of every operation what the API says, and is not done.
    fileprivate var isRunningOperation: Bool {
        guard case .text? = member("name") else { return false }
        switch member("done") {
        case nil, .null, .bool(false): break
        default: return false
        }
        let known = ["metadata", "error", "response"].allSatisfy { key in
            switch member(key) {
            case nil, .null, .object: true
            default: false
            }
        }
        switch (member("error")?.member("code"), member("error")?.member("message")) {
        case (nil, nil), (.null, nil), (.number, nil), (nil, .text), (.number, .text):
            return known
        default: return false
        }
    }

    private func member(_ key: String) -> NaiveValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.key == key }?.value
    }
}
