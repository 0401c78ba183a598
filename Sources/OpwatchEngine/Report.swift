import OpwatchCore
package import OpwatchReports
import WireFormat

/// One thing worth telling: a transition, never a poll that changed nothing.
///
/// Each kind has one maker here, which renders the sentence and the fields, so that what
/// `journalctl` finds and what people read cannot drift apart.
package struct Report: Sendable {
    /// nil for free text.
    package let kind: MessageKind?
    /// Of free text; a kind has its own.
    private let priority: Priority
    package let message: String
    package let fields: [(name: LogField, value: String)]

    /// One of our messages.
    package init(
        _ kind: MessageKind, _ message: String, _ fields: [(name: LogField, value: String)] = []
    ) {
        self.kind = kind
        priority = kind.entry.priority
        self.message = message
        // Reasons quote the service, and what a service says is untrusted.
        self.fields = fields.map { field in
            field.name == .reason ? (field.name, Untrusted.text(field.value)) : field
        }
    }

    /// Free text, for what has no entry in the catalog.
    package init(_ priority: Priority, _ message: String) {
        kind = nil
        self.priority = priority
        self.message = message
        fields = []
    }

    /// Free text about one operation, which is found by its fields.
    init(_ priority: Priority, of operation: OperationLabel, _ message: String) {
        kind = nil
        self.priority = priority
        self.message = "\(operation.text): \(message)"
        fields = operation.fields
    }

    /// Whether it tells what a record of a cancel says, and so not before that is durable.
    package var isOfRecord: Bool {
        switch kind {
        case .cancelAsked?, .cancelDenied?, .cancelUnanswered?, .cancelRefused?, .cancelled?,
            .finishedAnyway?, .failedOtherwise?, .vanished?, .refused?, .defied?,
            .cancelledByOther?, .late?:
            true
        default: false
        }
    }

    package var entry: JournalEntry {
        guard let kind else { return JournalEntry(priority, message, fields: fields) }
        return JournalEntry(kind, message, fields: fields)
    }
}

/// An operation as reports name it: `ml projects/acme/operations/x`.
struct OperationLabel: Sendable {
    let service: String
    let operation: String

    init(service: String, operation: String) {
        self.service = service
        self.operation = Untrusted.text(operation)
    }

    var text: String { "\(service) \(operation)" }

    var fields: [(name: LogField, value: String)] {
        [(.service, service), (.operation, operation)]
    }
}

/// Why an operation is overdue, as reports show it: `slow-deploys: total 47m > 45m`.
struct Grounds: Sendable {
    let rule: String
    let clock: Clock
    let age: Duration
    let timeout: Duration
    let deadline: Timestamp?

    init(rule: String, clock: Clock, age: Duration, timeout: Duration, deadline: Timestamp? = nil) {
        self.rule = rule
        self.clock = clock
        self.age = age
        self.timeout = timeout
        self.deadline = deadline
    }

    init(_ intent: JournalRecord.Intent) {
        self.init(
            rule: intent.rule, clock: intent.clock, age: intent.age, timeout: intent.timeout,
            deadline: intent.deadline)
    }

    var text: String {
        let sign = age > timeout ? ">" : "of"
        return "\(rule): \(clock) \(DurationText.short(age)) \(sign) \(DurationText.short(timeout))"
    }

    var fields: [(name: LogField, value: String)] {
        var fields: [(name: LogField, value: String)] = [
            (.rule, rule), (.clock, clock.description),
            (.ageSec, String(age.components.seconds)),
            (.timeoutSec, String(timeout.components.seconds)),
        ]
        if let deadline { fields.append((.deadline, deadline.description)) }
        return fields
    }
}
