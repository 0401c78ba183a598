import OperationsSimulator
import Testing
import WireFormat

/// The service's first instant in every test: 2026-03-01T12:00:00Z.
let start = Timestamp(seconds: 1_772_366_400) ?? .latest

func seconds(_ count: Int) -> Timestamp { start.advanced(by: .seconds(count)) }

extension SimulatedAnswer {
    var text: String { String(decoding: body, as: UTF8.self) }

    /// The JSON at a path of the body; nil when absent.
    func json(_ path: String) throws -> String? {
        let path = try #require(FieldPath(path))
        let fields = FieldSet([path])
        var row = FieldRow()
        try ObjectReader.read(body, fields: fields, limits: .body, into: &row)
        let slot = try #require(fields.slot(path))
        return row.kind(slot) == .absent
            ? nil : String(decoding: row.bytes[row.range(slot)], as: UTF8.self)
    }

    /// The page as a strict reader sees it.
    func page() throws -> (ids: [String], token: String?, unreachable: [String]) {
        let name = try #require(FieldPath("name"))
        let fields = FieldSet([name])
        let slot = try #require(fields.slot(name))
        var reader = ListPageReader(body, fields: fields)
        var row = FieldRow()
        var ids: [String] = []
        while try reader.next(into: &row) {
            let name = try #require(row.string(slot))
            ids.append(String(name.split(separator: "/").last ?? ""))
        }
        return (ids, reader.nextPageToken, reader.unreachable)
    }

    /// The state of the operation in the body, read from its JSON alone.
    func summary() throws -> String {
        guard status == 200 else { return String(status) }
        var words: [String] = []
        if try json("done") == "true" {
            if let code = try json("error.code") {
                words.append("done:\(code)")
            } else {
                words.append(try json("response") == nil ? "done:nothing" : "done:response")
            }
            #expect(try json("metadata.endTime") != nil)
        } else {
            #expect(try json("done") == nil)
            #expect(try json("error") == nil)
            #expect(try json("response") == nil)
            #expect(try json("metadata.endTime") == nil)
            words.append(try json("metadata.startTime") == nil ? "queued" : "running")
        }
        if try json("metadata.isCancellationRequested") != nil { words.append("flag") }
        return words.joined(separator: "+")
    }
}
