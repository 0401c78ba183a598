import FilterLanguage
import SeededRandom
import Testing

@Suite("A second evaluator, written from the page for policy authors alone, agrees")
struct FilterAgreementTests {
    private static let operations = 1_600
    private static let expressions = 8

    @Test("on random expressions about random operations", arguments: 0..<8)
    func random(run: Int) {
        agree(seed: UInt64.random(in: 0 ... .max))
    }

    @Test("on the same ones every time")
    func fixed() {
        agree(seed: 1)
    }

    private func agree(seed: UInt64) {
        var random = SplitMix(seed: seed)
        var matching = 0
        var answers: Set<String> = []
        for _ in 0..<Self.operations {
            var source = RandomOperation(seed: random.next())
            let operation = source.operation()
            var json = NaiveJSONWriter(random: SplitMix(seed: random.next()))
            let text = json.json(operation)
            for _ in 0..<Self.expressions {
                var source = RandomFilter(seed: random.next(), about: operation)
                let filter = source.expression(depth: random.below(random.once(in: 3) ? 4 : 2))
                let spelling = random.next()
                if let difference = Self.difference(filter, operation, text, spelling) {
                    Issue.record("seed \(seed): \(difference)")
                    return
                }
                let matches = filter.matches(operation)
                if matches { matching += 1 }
                if case .comparison(_, let comparator, _) = filter {
                    answers.insert("\(comparator) \(matches)")
                }
            }
        }
        let total = Self.operations * Self.expressions
        #expect(answers.count == 2 * NaiveComparator.allCases.count, "seed \(seed): \(answers)")
        #expect((total / 5...total * 4 / 5).contains(matching), "seed \(seed): \(matching)")
    }

    /// How the two evaluators differ, told of the smallest part of the filter that shows it.
    private static func difference(
        _ filter: NaiveFilter, _ operation: NaiveValue, _ json: String, _ spelling: UInt64
    ) -> String? {
        var writer = NaiveWriter(random: SplitMix(seed: spelling))
        let expression = writer.expression(filter)
        let expected = filter.matches(operation)
        let answer: String
        do {
            let matches = try evaluate(expression, on: json)
            if matches == expected { return nil }
            answer = "\(matches)"
        } catch {
            answer = "\(error)"
        }
        for child in filter.children {
            if let part = difference(child, operation, json, spelling) { return part }
        }
        return "\(expression) on \(json): the library says \(answer), the page \(expected)"
    }
}
