/// One message for journald, a terminal, or a plain stream.
package struct JournalEntry: Sendable {
    package let priority: Priority
    /// Which of our messages this is, with its entry in the catalog; nil for free text, e.g. debug.
    package let kind: MessageKind?
    /// One line; control characters are escaped.
    package let message: String
    /// Each field once; values may hold newlines, journald keeps them.
    package let fields: [(name: LogField, value: String)]
    /// The number of the system call error behind this, if there is one.
    package let errno: Int32?
    /// Where in our sources the entry was made, as `Module/File.swift`.
    package let codeFile: StaticString
    /// The line in that file, from 1.
    package let codeLine: UInt

    /// More would be a listing, not a message.
    private static let messageBytesMax = 4_096

    /// One of our messages.
    /// - Parameters:
    ///   - priority: where it should differ from the catalog's.
    ///   - fields: of two with one name the first counts.
    package init(
        _ kind: MessageKind, priority: Priority? = nil, _ message: String,
        fields: [(name: LogField, value: String)] = [], errno: Int32? = nil,
        codeFile: StaticString = #fileID, codeLine: UInt = #line
    ) {
        self.init(
            kind: kind, priority: priority ?? kind.entry.priority, message: message,
            fields: fields, errno: errno, codeFile: codeFile, codeLine: codeLine)
    }

    /// Free text without an entry in the catalog, e.g. what a library has to say.
    package init(
        _ priority: Priority, _ message: String,
        fields: [(name: LogField, value: String)] = [], errno: Int32? = nil,
        codeFile: StaticString = #fileID, codeLine: UInt = #line
    ) {
        self.init(
            kind: nil, priority: priority, message: message, fields: fields, errno: errno,
            codeFile: codeFile, codeLine: codeLine)
    }

    private init(
        kind: MessageKind?, priority: Priority, message: String,
        fields: [(name: LogField, value: String)], errno: Int32?,
        codeFile: StaticString, codeLine: UInt
    ) {
        self.kind = kind
        self.priority = priority
        self.message = Untrusted.text(message, maxBytes: Self.messageBytesMax)
        self.errno = errno
        self.codeFile = codeFile
        self.codeLine = codeLine
        var names: Set<LogField> = []
        self.fields = fields.filter { names.insert($0.name).inserted }
    }

    /// Whether it may be lost before anything that tells of a cancel or a failure.
    package var isDroppable: Bool { priority >= .info }
}
