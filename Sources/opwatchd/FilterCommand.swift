import ArgumentParser
import FilterLanguage
import OpwatchProcess
import OpwatchReports
import WireFormat

/// `opwatchd filter`: tries an expression on saved operations.
struct FilterCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "filter",
        abstract: "Print the names of the operations that an expression matches.",
        discussion: """
            The language is AIP-160, as in a policy's match: and filter:. Put the expression in \
            single quotes, so that the shell leaves it alone.

            Example: opwatchd filter 'metadata.operationType = "CREATE_VERSION"' --from listing.json

            An expression may begin with a -, as in opwatchd filter '-done = true'; a bare word \
            with one stands behind --, as in opwatchd filter --from listing.json -- -deploy

            /usr/share/doc/opwatchd/docs/filter.md has the language. What is legal but often \
            meant otherwise is told as a warning; in a policy's match: most of it is an error.
            """)

    @Argument(help: "The expression.")
    var expression: String

    @Option(
        help: ArgumentHelp(
            "A saved list answer, or the array of operations that gcloud --format=json writes; "
                + "- for stdin; without it the expression is only checked.",
            valueName: "listing.json"))
    var from: String?

    @Flag(help: "Of every operation print which comparison decided, and what it met.")
    var explain = false

    /// The command line with an expression that begins with a `-` put where none is an option.
    ///
    /// No option has a space or a sign of the language in its name.
    static func separating(_ arguments: [String]) -> [String] {
        guard arguments.first == configuration.commandName, !arguments.contains("--"),
            let place = arguments.firstIndex(where: isNegation)
        else { return arguments }
        var others = arguments
        let expression = others.remove(at: place)
        return others + ["--", expression]
    }

    private static func isNegation(_ argument: String) -> Bool {
        argument.hasPrefix("-") && !argument.hasPrefix("--")
            && argument.contains { " =:<>(\"'".contains($0) }
    }

    func validate() throws {
        guard explain, from == nil else { return }
        throw ValidationError("--explain needs operations to look at: add --from FILE")
    }

    func run() throws {
        let filter: Filter
        do throws(FilterError) {
            filter = try Filter(parsing: expression)
        } catch {
            throw Failure(.usage, "\(error.explanation)\n\(error.caret(in: expression))")
        }
        for advice in filter.advice {
            Output.error("warning: \(advice)\n\(advice.caret(in: expression))")
        }
        guard let from else {
            let text = filter.description
            return Output.line(text.isEmpty ? "(matches every operation)" : text)
        }
        let lines =
            explain
            ? try explanations(of: filter, in: from)
            : try names(of: filter, in: from)
        for line in lines { Output.line(line) }
    }

    private func names(of filter: Filter, in source: String) throws(Failure) -> [String] {
        let fields = FieldSet([Self.name] + filter.paths)
        let bound = filter.bound(to: fields)
        var names: [String] = []
        try read(source, fields) { row in
            if bound.matches(row) { names.append(Self.name(of: row, fields)) }
        }
        return names
    }

    /// A row a term that decided; the operation is named in each, so that lines can be picked out.
    private func explanations(of filter: Filter, in source: String) throws(Failure) -> [String] {
        let fields = FieldSet([Self.name] + filter.paths)
        let explainer = FilterExplainer(filter, fields: fields)
        var table = TextTable("MATCH", "OPERATION", "HOLDS", "TERM", "FIELD")
        try read(source, fields) { row in
            let explanation = explainer.explain(row)
            let start = [explanation.matches ? "yes" : "no", Self.name(of: row, fields)]
            if explanation.findings.isEmpty { table.add(start) }
            for finding in explanation.findings {
                let value = finding.value.map { Untrusted.text($0, maxBytes: 80) } ?? "absent"
                table.add(start + [finding.holds ? "yes" : "no", finding.term, value])
            }
        }
        return Array(table.lines(isColoured: Output.isColoured))
    }

    private static let name = FieldPath(segments: [FieldSegment("name")])

    private static func name(of row: FieldRow, _ fields: FieldSet) -> String {
        let name = fields.slot(Self.name).flatMap { row.string($0) } ?? ""
        return Untrusted.text(name, maxBytes: 1_024)
    }

    /// Gives every operation of a listing to the body; nothing may be shown before it returns,
    /// as only then all of the listing was seen to be valid.
    private func read(
        _ source: String, _ fields: FieldSet, _ body: (FieldRow) -> Void
    ) throws(Failure) {
        var reader = ListPageReader(
            try InputFile.read(source), fields: fields, limits: .file, takesArray: true)
        var row = FieldRow()
        do throws(WireError) {
            while try reader.next(into: &row) { body(row) }
        } catch {
            throw Failure(.dataDamaged, "\(InputFile.name(source)): \(error)")
        }
        let gap = ListingGap(
            nextPageToken: reader.nextPageToken, unreachable: reader.unreachable,
            count: reader.unreachableCount)
        if let gap { Output.error("\(InputFile.name(source)): warning: \(gap)") }
    }
}
