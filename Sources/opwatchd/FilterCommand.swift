import ArgumentParser
import FilterLanguage
import OpwatchSystemd
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
            """)

    @Argument(help: "The expression.")
    var expression: String

    @Option(
        help: ArgumentHelp(
            "A saved list answer, or - for stdin; without it the expression is only checked.",
            valueName: "listing.json"))
    var from: String?

    func run() throws {
        let filter: Filter
        do throws(FilterError) {
            filter = try Filter(parsing: expression)
        } catch {
            throw Failure(.usage, "\(error.explanation)\n\(error.caret(in: expression))")
        }
        for advice in filter.advice { Output.error("warning: \(advice)") }
        guard let from else {
            let text = filter.description
            return Output.line(text.isEmpty ? "(matches every operation)" : text)
        }
        try printMatches(of: filter, in: try InputFile.read(from), from)
    }

    private func printMatches(
        of filter: Filter, in listing: [UInt8], _ source: String
    ) throws(Failure) {
        let name = FieldPath(segments: [FieldSegment("name")])
        let fields = FieldSet([name] + filter.paths)
        let bound = filter.bound(to: fields)
        var reader = ListPageReader(listing, fields: fields, limits: .file)
        var row = FieldRow()
        var names: [String] = []
        do throws(WireError) {
            while try reader.next(into: &row) {
                if bound.matches(row), let slot = fields.slot(name) {
                    names.append(row.string(slot) ?? "")
                }
            }
        } catch {
            throw Failure(.dataDamaged, "\(InputFile.name(source)): \(error)")
        }
        for name in names { Output.line(Untrusted.text(name, maxBytes: 1_024)) }
    }
}
