import Testing

@testable import OpwatchReports
@testable import OpwatchSystemd

@Suite("Entries for journald")
struct JournalEntryTests {
    @Test("every field of an entry becomes one NAME=value piece, line feeds in values included")
    func pieces() {
        let entry = JournalEntry(
            .cancelAsked, "ml x: asked to cancel",
            fields: [(.service, "ml"), (.reason, "two\nlines"), (.attempt, "1")],
            errno: 5, codeFile: "OpwatchDaemon/Report.swift", codeLine: 12)
        #expect(
            pieces(of: entry) == [
                "MESSAGE=ml x: asked to cancel", "PRIORITY=5", "SYSLOG_IDENTIFIER=opwatchd",
                "MESSAGE_ID=\(MessageKind.cancelAsked.entry.id)",
                "CODE_FILE=OpwatchDaemon/Report.swift", "CODE_LINE=12", "ERRNO=5",
                "OPWATCH_SERVICE=ml", "OPWATCH_REASON=two\nlines", "OPWATCH_ATTEMPT=1",
            ])
    }

    @Test("free text has no id and knows where it was written")
    func freeText() {
        let entry = JournalEntry(.debug, "pool: 2 connections")
        #expect(
            pieces(of: entry) == [
                "MESSAGE=pool: 2 connections", "PRIORITY=7", "SYSLOG_IDENTIFIER=opwatchd",
                "CODE_FILE=OpwatchSystemdTests/JournalEntryTests.swift",
                "CODE_LINE=\(entry.codeLine)",
            ])
    }

    @Test("of two fields with one name the first counts")
    func fieldOnce() {
        let entry = JournalEntry(
            .late, "ended", fields: [(.verdict, "defied"), (.count, "2"), (.verdict, "refused")])
        #expect(entry.fields.map(\.value) == ["defied", "2"])
    }

    @Test("the message is one line of bounded length")
    func oneLine() {
        let entry = JournalEntry(.info, "a\nb" + String(repeating: "c", count: 10_000))
        #expect(entry.message.hasPrefix("a\\u{a}bccc"))
        #expect(entry.message.utf8.count == 4_096)
    }

    @Test(
        "info and debug may be lost first, nothing that tells of an act or a failure",
        arguments: [
            (Priority.error, false), (.warning, false), (.notice, false), (.info, true),
            (.debug, true),
        ])
    func droppable(priority: Priority, expected: Bool) {
        #expect(JournalEntry(priority, "x").isDroppable == expected)
    }

    @Test("the priority is the catalog's unless said otherwise")
    func priority() {
        #expect(JournalEntry(.defied, "x").priority == .error)
        #expect(JournalEntry(.defied, priority: .info, "x").priority == .info)
    }

    private func pieces(of entry: JournalEntry) -> [String] {
        let datagram = JournalDatagram(entry)
        return datagram.spans.map { String(decoding: datagram.bytes[$0], as: UTF8.self) }
    }
}
