import WireFormat

@testable import Simulation

/// Reads the operations of a body back, as a client would.
struct ShownReader {
    private static let paths = [
        "name", "done", "error.code", "metadata.createTime", "metadata.startTime",
        "metadata.updateTime", "metadata.labels.team", "metadata.isCancellationRequested",
    ]
    private let fields = FieldSet(paths.compactMap { FieldPath($0) })

    func list(_ body: [UInt8]) throws(WireError) -> [Shown] {
        var (reader, row, shown) = (ListPageReader(body, fields: fields), FieldRow(), [Shown]())
        while try reader.next(into: &row) { shown.append(read(row)) }
        return shown
    }

    func operation(_ body: [UInt8]) throws(WireError) -> Shown {
        var row = FieldRow()
        try ObjectReader.read(body, fields: fields, limits: .body, into: &row)
        return read(row)
    }

    /// The number is not in the body.
    private func read(_ row: FieldRow) -> Shown {
        func slot(_ index: Int) -> Int { FieldPath(Self.paths[index]).flatMap(fields.slot) ?? -1 }
        return Shown(
            number: 0, name: row.string(slot(0)) ?? "", created: row.timestamp(slot(3)),
            started: row.timestamp(slot(4)), updated: row.timestamp(slot(5)),
            team: row.string(slot(6)), isDone: row.kind(slot(1)) == .true,
            code: Int(row.integer(slot(2)) ?? 0), isCancelRequested: row.kind(slot(7)) == .true)
    }
}

extension Shown {
    var withoutNumber: Shown {
        Shown(
            number: 0, name: name, created: created, started: started, updated: updated,
            team: team, isDone: isDone, code: code, isCancelRequested: isCancelRequested)
    }
}
