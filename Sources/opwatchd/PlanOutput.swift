import OpwatchCore
import OpwatchDaemon
import OpwatchProcess
import OpwatchReports
import WireFormat

/// A plan as a table or as JSON.
struct PlanOutput {
    let at: Timestamp
    let policy: Policy
    let operations: [OperationStanding]

    func print() {
        var table = TextTable("DECISION", "SERVICE", "OPERATION", "RULE", "REASON")
        for operation in operations {
            table.add([
                operation.decision.word, operation.service, Untrusted.text(operation.name),
                operation.rule ?? "-", Untrusted.text(operation.reason),
            ])
        }
        Output.lines(table.lines(isColoured: Output.isColoured))
        printRules()
        Output.line("")
        Output.line("as of \(at), mode \(policy.mode.rawValue): \(counts)")
    }

    /// How often each rule speaks for what runs; an `ignore` rule without matches protects nothing.
    private func printRules() {
        guard !policy.rules.isEmpty else { return }
        var table = TextTable("RULE", "ACTION", "MATCHES")
        for rule in policy.rules {
            let matches = operations.count { $0.rule == rule.name }
            let isIdle = rule.action == .ignore && matches == 0
            table.add([
                rule.name, rule.action.rawValue,
                "\(matches)" + (isIdle ? "  (protects nothing now)" : ""),
            ])
        }
        Output.line("")
        Output.lines(table.lines(isColoured: Output.isColoured))
    }

    private var counts: String {
        let words = ["cancel", "warn", "verify", "keep", "ignore", "finished"]
        return words.map { word in
            "\(operations.count { $0.decision.word == word }) \(word)"
        }.joined(separator: ", ")
    }

    /// `{"at", "mode", "operations": […]}` and a line feed.
    var json: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("at")
        writer.string(at.description)
        writer.key("mode")
        writer.string(policy.mode.rawValue)
        writer.key("operations")
        writer.beginArray()
        for operation in operations { Self.write(operation, to: &writer) }
        writer.endArray()
        writer.endObject()
        return writer.bytes + [UInt8(ascii: "\n")]
    }

    private static func write(_ operation: OperationStanding, to writer: inout JSONWriter) {
        let due = operation.decision.due
        writer.beginObject()
        writer.key("service")
        writer.string(operation.service)
        writer.key("name")
        writer.string(operation.name)
        writer.key("rule")
        writer.optional(operation.rule)
        writer.key("decision")
        writer.string(operation.decision.word)
        writer.key("clock")
        writer.optional(due?.clock.description)
        writer.key("age_sec")
        writer.optional(operation.age?.components.seconds)
        writer.key("timeout_sec")
        writer.optional(due?.timeout.components.seconds)
        writer.key("deadline")
        writer.optional(due?.deadline.description)
        writer.key("reason")
        writer.string(operation.reason)
        writer.endObject()
    }
}

extension JSONWriter {
    mutating func optional(_ text: String?) {
        if let text { string(text) } else { null() }
    }

    mutating func optional(_ number: Int64?) {
        if let number { integer(number) } else { null() }
    }
}
