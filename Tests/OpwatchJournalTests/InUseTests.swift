import OpwatchJournal
import Testing
import WireFormat

@Suite("Whether a journal is in use")
struct InUseTests {
    @Test("as long as somebody owns it, whatever its files say; asking takes nothing")
    func owner() throws {
        let scratch = try Scratch()
        #expect(try !JournalInspection.isInUse(directory: scratch.path))
        let journal = try scratch.open()
        for _ in 1...2 { #expect(try JournalInspection.isInUse(directory: scratch.path)) }
        _ = consume journal
        #expect(try !JournalInspection.isInUse(directory: scratch.path))
        _ = try scratch.open()
    }

    @Test("a directory that is not there is an error")
    func missing() throws {
        #expect(throws: JournalError.self) {
            try JournalInspection.isInUse(directory: "/nonexistent/state")
        }
    }
}
