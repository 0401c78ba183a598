internal import OpwatchCore
internal import WireFormat

/// Turns facts into lines, one batch at a time.
struct LineEncoder {
    /// The lines of the batch, each with its LF.
    private(set) var bytes: [UInt8] = []
    private var fields = FieldWriter()

    /// Adds one line.
    /// - Throws: `unwritable`, with the batch as it was.
    mutating func append(
        _ content: LineContent, seq: Int64, synced: Int64, at: Timestamp
    ) throws(JournalError) {
        let start = bytes.count
        do throws(JournalError) {
            LineFrame.begin(&bytes, seq: seq, synced: synced)
            if case .preserved(_, let rest) = content {
                bytes += rest
            } else {
                fields.begin(at: at)
                try content.write(to: &fields)
                bytes += fields.finish()
            }
            guard bytes.count - start < LineFrame.bytesMax else {
                throw JournalError.unwritable(field: "line", problem: "is longer than 64 KiB")
            }
        } catch {
            bytes.removeSubrange(start...)
            throw error
        }
        LineFrame.seal(&bytes, from: start)
        bytes.append(UInt8(ascii: "\n"))
    }

    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
    }
}
