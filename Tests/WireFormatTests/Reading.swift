import Foundation
import WireFormat

/// Shorthand for tests: one object, its paths, and the row that was read.
struct Reading {
    let fields: FieldSet
    let row: FieldRow
    private let paths: [String]

    init(_ json: String, _ paths: String..., depthMax: Int = 64) throws {
        try self.init(json, paths: paths, depthMax: depthMax)
    }

    init(_ json: String, paths: [String], depthMax: Int = 64) throws {
        fields = FieldSet(paths.compactMap { FieldPath($0) })
        self.paths = paths
        var row = FieldRow()
        let limits = ReadLimits(depthMax: depthMax, bytesMax: 1 << 20)
        try ObjectReader.read(Array(json.utf8), fields: fields, limits: limits, into: &row)
        self.row = row
    }

    /// The slot of a path that was asked for.
    func slot(_ path: String) -> Int {
        FieldPath(path).flatMap { fields.slot($0) } ?? -1
    }

    func kind(_ path: String) -> FieldKind { row.kind(slot(path)) }

    func raw(_ path: String) -> String {
        String(decoding: row.bytes[row.range(slot(path))], as: UTF8.self)
    }
}

/// What reading the bytes as one object ends with.
func outcome(_ bytes: [UInt8], limits: ReadLimits = .body) -> WireError? {
    var row = FieldRow()
    do throws(WireError) {
        try ObjectReader.read(bytes, fields: FieldSet([]), limits: limits, into: &row)
        return nil
    } catch {
        return error
    }
}

/// 224 operations of about 60 services, as recorded.
func recordedOperations() throws -> [UInt8] {
    let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent()
    return [UInt8](
        try Data(contentsOf: tests.appending(path: "Fixtures/recorded-operations.json")))
}
