import Foundation
import SeededRandom
import Testing

@testable import WireFormat

@Suite("Damaged input")
struct MutationTests {
    private static let paths = [
        "name", "done", "metadata", "metadata.createTime", "metadata.create_time", "response",
        "metadata.labels.a", "list", "list.x", "list.x.y", "error.code", "n", "\"\"",
    ]

    private static let samples = [
        #"{"operations":[{"name":"operations/a\u00e9\/b","done":true,"metadata":{"@type":"t","#
            + #""createTime":"2024-04-01T12:34:56.123456Z","labels":{"a":"b😀","c":null}},"list":"#
            + #"[{"x":{"y":1}},{"x":[]},"s"],"error":{"code":-1.5e3}},{"name":"b","metadata":"#
            + #"{"create_time":"2024-04-01t12:34:56+05:30","":{}},"n":"123"}],"#
            + #""nextPageToken":"abc","unreachable":["l1","l2"],"z":[[[]],{"q":[false,null]}]}"#,
        #"{"nextPageToken":"\ud83d\ude00","operations":[{"n":12,"n2":{"n":[1,2,3]}}],"#
            + #""unreachable":[]}"#,
    ]

    /// Bytes that steer a reader.
    private static let steering = Array("{}[]\",:\\u0019deEtfn-+. \n\u{0}é".utf8) + [0x80, 0xFF]

    @Test("the undamaged samples are accepted, here and by Foundation")
    func samplesAreValid() {
        for sample in Self.samples {
            #expect(Self.isAcceptedAndUsed(Array(sample.utf8)))
            #expect(Self.isAcceptedByFoundation(Array(sample.utf8)))
        }
    }

    @Test("random damage never traps and is never accepted against Foundation", arguments: 1...12)
    func randomDamage(seed: UInt64) async {
        // A child process, so that even a trap ends in a report that names the seed.
        await #expect(processExitsWith: .success, "seed \(seed)") { [seed] in
            var generator = SplitMix(seed: seed)
            for round in 0..<1_500 {
                let page = Self.damaged(&generator)
                if Self.isAcceptedAndUsed(page), !Self.isAcceptedByFoundation(page) {
                    let text = String(decoding: page, as: UTF8.self)
                    Issue.record("seed \(seed), round \(round): \(text)")
                }
            }
        }
    }

    @Test("every prefix and every single damaged byte ends in an answer")
    func everyByte() {
        for sample in Self.samples {
            let bytes = Array(sample.utf8)
            for position in bytes.indices {
                #expect(!Self.isAcceptedAndUsed(Array(bytes[..<position])))
                for replacement in Self.steering {
                    var damaged = bytes
                    damaged[position] = replacement
                    _ = Self.isAcceptedAndUsed(damaged)
                }
            }
        }
    }

    @Test("texts of random bytes never trap the text readers", arguments: 1...4)
    func randomTexts(seed: UInt64) {
        var generator = SplitMix(seed: seed)
        let alphabet = Array("0123456789-+:.TtZzdhms/%\"\\ ,GMTSunNov\u{0}é".utf8)
        for _ in 0..<3_000 {
            let length = Int.random(in: 0...40, using: &generator)
            let bytes = (0..<length).map { _ in alphabet.randomElement(using: &generator) ?? 0 }
            let text = String(decoding: bytes, as: UTF8.self)
            if let instant = Timestamp(rfc3339: text) {
                #expect(Timestamp(rfc3339: instant.description) == instant, "seed \(seed)")
            }
            _ = Timestamp(httpDate: text)
            _ = DurationText.parsePolicy(text).map(DurationText.short)
            _ = DurationText.parseProto(text).map(DurationText.short)
            if let path = FieldPath(text) {
                #expect(FieldPath(path.description) == path, "seed \(seed)")
                _ = FieldSet([path])
            }
            _ = try? URLPath.encode(text)
        }
    }

    private static func damaged(_ generator: inout SplitMix) -> [UInt8] {
        var bytes = Array((samples.randomElement(using: &generator) ?? "").utf8)
        for _ in 0..<Int.random(in: 1...4, using: &generator) where !bytes.isEmpty {
            let position = Int.random(in: 0..<bytes.count, using: &generator)
            let last = min(bytes.count, position + 20)
            let other = Int.random(in: position...last, using: &generator)
            switch Int.random(in: 0..<6, using: &generator) {
            case 0: bytes[position] = UInt8.random(in: 0...255, using: &generator)
            case 1: bytes[position] = steering.randomElement(using: &generator) ?? 0
            case 2: bytes.remove(at: position)
            case 3: bytes.insert(steering.randomElement(using: &generator) ?? 0, at: position)
            case 4: bytes.insert(contentsOf: bytes[position..<other], at: position)
            default: bytes.removeSubrange(position..<other)
            }
        }
        return bytes
    }

    /// Reads a page to its end and asks for everything that it holds.
    private static func isAcceptedAndUsed(_ page: [UInt8]) -> Bool {
        let fields = FieldSet(paths.compactMap { FieldPath($0) })
        var reader = ListPageReader(page, fields: fields)
        var row = FieldRow()
        do throws(WireError) {
            while try reader.next(into: &row) {
                for slot in -1...fields.count { use(row, slot) }
            }
            return true
        } catch {
            return false
        }
    }

    private static func use(_ row: FieldRow, _ slot: Int) {
        let raw = row.bytes[row.range(slot)]
        precondition(raw.isEmpty == (row.kind(slot) == .absent))
        precondition((row.contentHash(slot) == 0) == raw.isEmpty)
        precondition((row.string(slot) != nil) == (row.kind(slot) == .string))
        _ = (row.integer(slot), row.number(slot), row.timestamp(slot), row.isString(slot, "b"))
        for element in row.elements(slot) {
            let value = FieldValue(element, in: row.bytes)
            _ = (value.string, value.number, value.timestamp, value.contentHash)
        }
    }

    /// Foundation takes more than this reader does, except numbers that no Double holds.
    private static func isAcceptedByFoundation(_ page: [UInt8]) -> Bool {
        do {
            _ = try JSONSerialization.jsonObject(with: Data(page))
            return true
        } catch {
            return "\(error)".contains("Number")
        }
    }
}
