import FilterLanguage
import Testing
import WireFormat

@Suite("Which term decided")
struct FilterExplanationTests {
    private static let operation = """
        {"name": "o-1", "metadata": {"type": "CREATE", "labels": {"team": "a\\u0062"}, "tags": [1]}}
        """

    /// The answer and, of each term that decided, whether it holds and what it met.
    private static func explain(_ expression: String) throws -> [String] {
        let filter = try Filter(parsing: expression)
        let fields = FieldSet(filter.paths)
        var row = FieldRow()
        try ObjectReader.read(Array(operation.utf8), fields: fields, limits: .body, into: &row)
        let explanation = FilterExplainer(filter, fields: fields).explain(row)
        #expect(explanation.matches == filter.bound(to: fields).matches(row))
        return ["\(explanation.matches)"]
            + explanation.findings.map { "\($0.term) \($0.holds) \($0.value ?? "absent")" }
    }

    @Test(
        "of an AND that fails the first failing term, of one that holds every term",
        arguments: [
            ("", ["true"]),
            ("metadata.type = CREATE", ["true", "metadata.type = CREATE true \"CREATE\""]),
            ("NOT metadata.type = X", ["true", "metadata.type = X false \"CREATE\""]),
            (
                "metadata.type = CREATE AND NOT metadata.labels.keep = true",
                [
                    "true", "metadata.type = CREATE true \"CREATE\"",
                    "metadata.labels.keep = true false absent",
                ]
            ),
            ("o-1 AND name:x AND done = true", ["false", "name:x false \"o-1\""]),
            ("metadata.none.at.all != 1", ["false", "metadata.none.at.all != 1 false absent"]),
        ] as [(String, [String])])
    func all(expression: String, expected: [String]) throws {
        #expect(try Self.explain(expression) == expected)
    }

    @Test(
        "of an OR that holds the first holding term, of one that fails every term",
        arguments: [
            ("name:x OR o OR name:1", ["true", "o true \"o-1\""]),
            ("name = (x OR y)", ["false", "name = x false \"o-1\"", "name = y false \"o-1\""]),
            (
                "NOT (metadata.tags:1 OR done = true)",
                ["false", "metadata.tags:1 true [1]"]
            ),
            (
                "(name:x OR metadata.labels.team.endsWith('b')) AND metadata.labels:team",
                [
                    "true", #"endsWith(metadata.labels.team, "b") true "a\u0062""#,
                    #"metadata.labels:team true {"team": "a\u0062"}"#,
                ]
            ),
        ] as [(String, [String])])
    func any(expression: String, expected: [String]) throws {
        #expect(try Self.explain(expression) == expected)
    }
}
