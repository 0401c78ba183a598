package import WireFormat

/// An expression of Google's filter language (AIP-160), checked and ready to be bound.
///
/// `docs/filter.md` tells what the language leaves open and how it is read here.
package struct Filter: Sendable, Equatable, CustomStringConvertible {
    /// The expression as written.
    package let text: String
    /// The expression in canonical form, which reads back as an equal filter.
    package let description: String
    /// Every path that a reader must extract, parents included, each once.
    ///
    /// Parents are needed because a missing parent differs from a missing leaf.
    package let paths: [FieldPath]
    /// What is legal but often meant otherwise, in order of its offset.
    package let advice: [FilterAdvice]
    /// Every field as the expression names it, bare words left out, in order of its offset.
    package let mentions: [FieldMention]
    let tree: FilterTree

    /// Reads an expression; a blank one matches everything.
    /// - Parameter functions: those that it may call.
    package init(
        parsing text: String, functions: [FilterFunction] = FilterFunction.standard
    ) throws(FilterError) {
        var parser = try Parser(text, functions: functions)
        tree = try parser.filter()
        self.text = text
        advice = parser.advice.sorted { $0.offset < $1.offset }
        mentions = parser.mentions.sorted { $0.offset < $1.offset }
        description = tree.text
        paths = tree.paths
        try checkCanonicalForm()
    }

    /// Equal trees are equal filters, however they were written.
    package static func == (left: Filter, right: Filter) -> Bool {
        left.tree == right.tree
    }

    /// The expression is blank or `name:*`.
    package var matchesEverything: Bool {
        switch tree {
        case .everything: true
        case .word(let literal): literal.isStar
        case .comparison(let comparison):
            comparison.comparator == .has && comparison.literal.isStar
                && comparison.path.segments.map(\.text) == ["name"]
        case .all, .any, .not, .call: false
        }
    }

    /// A path of the expression leads to or into `metadata`.
    package var readsMetadata: Bool {
        paths.contains { $0.segments.first?.text == "metadata" }
    }

    /// The program that tests rows read with these fields.
    /// - Parameter fields: must have every path of `paths`.
    package func bound(to fields: FieldSet) -> BoundFilter {
        Compiler.compile(tree, for: fields)
    }

    /// Refuses what could be read once but not again in its canonical form.
    private func checkCanonicalForm() throws(FilterError) {
        if tree.nesting > Limits.nestingMax {
            throw FilterError(
                offset: 0,
                message: "more than \(Limits.nestingMax) groups inside one another, "
                    + "counting those that OR forms beside AND")
        }
        if description.utf8.count > Limits.bytesMax {
            throw FilterError(
                offset: 0,
                message: "the expression is longer than \(Limits.bytesMax) bytes once AND and "
                    + "parentheses are spelled out")
        }
    }
}
