/// What journald's message catalog says of one kind of message.
///
/// In `subject` and `explanation` journald replaces `@FIELD@` by a field of the entry, and leaves
/// the name bare where the entry lacks it: so every entry of the kind must carry `fields`.
package struct CatalogEntry: Sendable, Equatable {
    /// The MESSAGE_ID: 32 lower-case hexadecimal digits, fixed forever.
    package let id: String
    package let priority: Priority
    /// One line.
    package let subject: String
    /// What happened, why, and what to do, in lines of at most 76 columns.
    package let explanation: String

    /// The fields that subject and explanation refer to.
    package var fields: [LogField] {
        LogField.allCases.filter { field in
            subject.contains("@\(field.rawValue)@") || explanation.contains("@\(field.rawValue)@")
        }
    }
}
