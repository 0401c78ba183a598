import Testing
import WireFormat

@testable import OpwatchCore
@testable import OpwatchJournal

@Suite("A line")
struct LineTests {
    private func line(
        _ content: LineContent, seq: Int64 = 42, synced: Int64 = 41
    ) throws -> [UInt8] {
        var encoder = LineEncoder()
        try encoder.append(content, seq: seq, synced: synced, at: .start)
        return encoder.bytes
    }

    private func decode(_ text: String) -> LineDecoder.Outcome {
        var bytes = Array(text.utf8)
        LineFrame.seal(&bytes, from: 0)
        var decoder = LineDecoder()
        return decoder.decode(bytes, in: 0..<bytes.count)
    }

    private func frame(_ rest: String) -> String {
        var front: [UInt8] = []
        LineFrame.begin(&front, seq: 42, synced: 41)
        return String(decoding: front, as: UTF8.self) + rest
    }

    @Test("of each kind is read back as it was", arguments: JournalRecord.samples)
    func roundTrip(record: JournalRecord) throws {
        let bytes = try line(.record(record))
        #expect(bytes.last == UInt8(ascii: "\n"))
        #expect(bytes.dropLast().allSatisfy { (0x20...0x7E).contains($0) })
        var decoder = LineDecoder()
        #expect(
            decoder.decode(bytes, in: 0..<(bytes.count - 1))
                == .good(
                    JournalLine(seq: 42, synced: 41, at: .start, content: .record(record))))
    }

    @Test("names are equal byte for byte after reading, not only for people")
    func normalisation() throws {
        let bytes = try line(.record(.unlisted(JournalRecord.operation("e\u{301}"))))
        var decoder = LineDecoder()
        guard case .good(let read) = decoder.decode(bytes, in: 0..<(bytes.count - 1)),
            case .record(.unlisted(let operation)) = read.content
        else {
            Issue.record("the line must be good")
            return
        }
        #expect(Array(operation.name.utf8) == Array("e\u{301}".utf8))
    }

    @Test("has the form that the format fixes")
    func form() throws {
        let text = String(
            decoding: try line(.record(.withdrawn(IntentID(7), reason: "late"))), as: UTF8.self)
        let rest =
            #"","seq":42,"synced":41,"at":"2026-01-01T00:00:00Z","kind":"withdrawn","#
            + #""intent":7,"reason":"late"}"#
        let crc = String(CRC32C.checksum(Array(rest.utf8)[...]), radix: 16)
        let digits = String(repeating: "0", count: 8 - crc.count) + crc
        #expect(text == "{\"crc\":\"" + digits + rest + "\n")
    }

    @Test("with any single bit changed is no line")
    func bitFlips() throws {
        let good = try line(.record(JournalRecord.intent(1)))
        var decoder = LineDecoder()
        for index in 0..<(good.count - 1) {
            for bit in 0..<8 {
                var bytes = good
                bytes[index] ^= 1 << UInt8(bit)
                #expect(decoder.decode(bytes, in: 0..<(bytes.count - 1)) == .broken)
            }
        }
    }

    @Test(
        "that lacks a field, or has one of another type, is unusable",
        arguments: [
            #""kind":"close"}"#,
            #""at":"2026-01-01T00:00:00Z"}"#,
            #""at":"yesterday","kind":"close"}"#,
            #""at":"2026-01-01T00:00:00Z","kind":7}"#,
            #""at":"2026-01-01T00:00:00Z","kind":"ready"}"#,
            #""at":"2026-01-01T00:00:00Z","kind":"ready","lines":"1"}"#,
            #""at":"2026-01-01T00:00:00Z","kind":"ready","lines":1.0}"#,
            #""at":"2026-01-01T00:00:00Z","kind":"ready","lines":-1}"#,
            #""at":"2026-01-01T00:00:00Z","kind":"ready","lines":9223372036854775808}"#,
            #""at":"2026-01-01T00:00:00Z","kind":"withdrawn","intent":1,"reason":null}"#,
            #""at":"2026-01-01T00:00:00Z","kind":"withdrawn","intent":-1,"reason":""}"#,
            #""at":"2026-01-01T00:00:00Z","kind":"policy","hash":"","mode":"on","semantics":1}"#,
            #""at":"2026-01-01T00:00:00Z","kind":"close","kind":"close"}"#,
            #""at":"2026-01-01T00:00:00Z","kind":"damageAccepted","by":"é"}"#,
            #""at":"2026-01-01T00:00:00Z","kind":"close""#,
            #""at":"2026-01-01T00:00:00Z","kind":"close"} "}"#,
        ])
    func strictness(rest: String) {
        guard case .unusable = decode(frame(rest)) else {
            Issue.record("must be unusable: \(rest)")
            return
        }
    }

    @Test(
        "whose front is not the fixed one is broken",
        arguments: [
            "", "{", #"{"crc":"00000000""#,
            #"{"crc":"00000000","seq":1,"synced":1,"at":"2026-01-01T00:00:00Z","kind":"close"}"#,
            #"{"crc":"00000000","seq":01,"synced":0,"at":"2026-01-01T00:00:00Z","kind":"close"}"#,
            #"{"crc":"00000000","seq":-1,"synced":0,"at":"2026-01-01T00:00:00Z","kind":"close"}"#,
            #"{"crc":"00000000", "seq":1,"synced":0,"at":"2026-01-01T00:00:00Z","kind":"close"}"#,
            #"{"crc":"00000000","synced":0,"seq":1,"at":"2026-01-01T00:00:00Z","kind":"close"}"#,
            #"{"crc":"00000000","seq":9223372036854775807,"synced":0,"at":"","kind":"close"}"#,
            #"{"crc":"00000000","seq":99999999999999999999,"synced":0,"at":"","kind":"close"}"#,
        ])
    func front(text: String) {
        var bytes = Array(text.utf8)
        if bytes.count > LineFrame.checkedFrom { LineFrame.seal(&bytes, from: 0) }
        var decoder = LineDecoder()
        #expect(decoder.decode(bytes, in: 0..<bytes.count) == .broken)
    }

    @Test("of a kind that is not known keeps its bytes")
    func unknownKind() throws {
        let rest = #""at":"2026-01-01T00:00:00Z","kind":"override","by":"root","x":[1,{"y":2.5}]}"#
        let expected = LineContent.preserved(kind: "override", rest: Array(rest.utf8))
        guard case .good(let read) = decode(frame(rest)) else {
            Issue.record("a later kind is a good line")
            return
        }
        #expect(read.content == expected)
        let again = try line(expected, seq: 50, synced: 49)
        #expect(String(decoding: again.dropLast(), as: UTF8.self).hasSuffix(rest))
    }

    @Test("may have fields that are not known")
    func unknownField() {
        let outcome = decode(frame(#""at":"2026-01-01T00:00:00Z","kind":"close","why":{"a":1}}"#))
        guard case .good(let read) = outcome else {
            Issue.record("an added field must not break a line")
            return
        }
        #expect(read.content == .record(.close))
    }

    @Test(
        "of a breaker says by what it closes, unless an earlier version wrote it",
        arguments: [
            (#","cause":"share""#, BreakerCause.Kind.share as BreakerCause.Kind?),
            (#","cause":"failedCancels""#, .failedCancels), ("", nil),
        ])
    func breakerCause(field: String, kind: BreakerCause.Kind?) {
        let start = #""at":"2026-01-01T00:00:00Z","kind":"breaker","service":"ml","#
        let rest = #""serverTime":"2026-01-01T00:00:00Z","opened":true,"reason":"why""#
        let outcome = decode(frame(start + rest + field + "}"))
        guard case .good(let read) = outcome,
            case .record(.breaker("ml", let cause, _)) = read.content
        else {
            Issue.record("\(outcome)")
            return
        }
        #expect(cause == BreakerCause(kind, words: "why"))
        guard case .unusable = decode(frame(start + rest + #","cause":"moon"}"#)) else {
            Issue.record("a cause that nobody knows is no cause")
            return
        }
    }

    @Test("holds names of up to 1,024 bytes and refuses longer ones", arguments: [1_024, 1_025])
    func names(bytes: Int) throws {
        let name = String(repeating: "\u{1}", count: bytes)
        let record = JournalRecord.unlisted(JournalRecord.operation(name))
        if bytes <= 1_024 {
            _ = try line(.record(record))
        } else {
            #expect(throws: JournalError.self) { try line(.record(record)) }
        }
    }

    @Test("cuts prose to 1,024 bytes at a character's border")
    func prose() throws {
        let long = "a" + String(repeating: "ä", count: 600)
        let bytes = try line(.record(.deferred(JournalRecord.operation(), reason: long)))
        var decoder = LineDecoder()
        guard case .good(let read) = decoder.decode(bytes, in: 0..<(bytes.count - 1)),
            case .record(.deferred(_, let reason)) = read.content
        else {
            Issue.record("the line must be good")
            return
        }
        #expect(reason == "a" + String(repeating: "ä", count: 511))
    }

    @Test("of a refused record leaves the batch as it was")
    func refusedBatch() throws {
        var encoder = LineEncoder()
        try encoder.append(.record(.close), seq: 1, synced: 0, at: .start)
        let before = encoder.bytes
        #expect(throws: JournalError.self) {
            try encoder.append(.record(.unknown(kind: "x")), seq: 2, synced: 0, at: .start)
        }
        #expect(encoder.bytes == before)
    }

    @Test(
        "writes durations exactly",
        arguments: [
            (Duration.zero, "0s"), (.seconds(2_700), "2700s"), (.milliseconds(250), "0.250s"),
            (.milliseconds(-1_500), "-1.500s"), (.nanoseconds(-1), "-0.000000001s"),
            (.microseconds(1), "0.000001s"), (.seconds(Int64.max), "315576000000s"),
            (.seconds(Int64.min), "-315576000000s"),
        ])
    func durations(duration: Duration, text: String) {
        #expect(SecondsText.write(duration) == text)
        if duration.components.seconds.magnitude < 1_000_000 {
            #expect(DurationText.parseProto(text) == duration)
        }
    }
}
