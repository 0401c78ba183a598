import Testing

@testable import OpwatchJournal

@Suite("The name of a journal file")
struct JournalFileTests {
    @Test("is its first seq in 20 digits")
    func name() {
        #expect(JournalFile(first: 42).name == "journal-00000000000000000042.jsonl")
        #expect(JournalFile(name: "journal-00000000000000000042.jsonl")?.first == 42)
    }

    @Test(
        "is strict",
        arguments: [
            "", "journal-.jsonl", "journal-42.jsonl", "journal-00000000000000000000.jsonl",
            "journal-0000000000000000004x.jsonl", "journal-00000000000000000042.jsonl ",
            "journal-00000000000000000042.jsonl~", "Journal-00000000000000000042.jsonl",
            "journal-99999999999999999999.jsonl", "journal-+0000000000000000042.jsonl",
            "journal-00000000000000000042.jsonl.tmp", "journal-0000000000000000004２.jsonl",
        ])
    func strict(name: String) {
        #expect(JournalFile(name: name) == nil)
    }

    @Test("tells what a roll did not finish")
    func temporary() {
        #expect(FileSuffix.isTemporary("journal-00000000000000000042.jsonl.tmp"))
        #expect(!FileSuffix.isTemporary("notes.tmp"))
    }
}
