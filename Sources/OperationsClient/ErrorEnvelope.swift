import WireFormat

/// The error that a service put into the body of its answer: `{"error": {"status": …}}`.
struct ErrorEnvelope: Sendable, Equatable {
    /// The canonical code's name, e.g. `FAILED_PRECONDITION`; the legacy form may lack it.
    var status: String?
    /// For people; untrusted text.
    var message: String?
    /// Of `ErrorInfo` and of the legacy `errors[]`.
    var reasons: [String] = []
    /// Of `RetryInfo`.
    var retryDelay: Duration?

    /// Reads a body; one that is not an envelope (HTML, empty, an array) gives one of nils.
    init(_ body: [UInt8]) {
        var row = FieldRow()
        do throws(WireError) {
            try ObjectReader.read(body, fields: Self.fields, limits: .body, into: &row)
        } catch {
            return
        }
        status = row.string(Slot.status)
        message = row.string(Slot.message)
        let errors = Self.objects(in: row, at: Slot.errors)
        reasons += errors.compactMap { $0.string(Slot.reason) }
        for detail in Self.objects(in: row, at: Slot.details) {
            let type = detail.string(Slot.type) ?? ""
            if type.hasSuffix("/google.rpc.ErrorInfo"), let reason = detail.string(Slot.reason) {
                reasons.append(reason)
            }
            if type.hasSuffix("/google.rpc.RetryInfo"),
                let delay = detail.string(Slot.retryDelay).flatMap({ DurationText.parseProto($0) })
            {
                retryDelay = max(retryDelay ?? delay, delay)
            }
        }
    }

    /// The objects of a list; more than a few are not an error report any more.
    private static func objects(in row: FieldRow, at slot: Int) -> [FieldRow] {
        row.elements(slot).prefix(32).compactMap { element in
            guard element.kind == .object else { return nil }
            var object = FieldRow()
            do throws(WireError) {
                try ObjectReader.read(
                    row.bytes, in: element.range, fields: detailFields, limits: .body,
                    into: &object)
                return object
            } catch {
                return nil
            }
        }
    }

    /// Slots in the order of the paths below.
    private enum Slot {
        static let (status, message, errors, details) = (0, 1, 2, 3)
        static let (type, reason, retryDelay) = (0, 1, 2)
    }

    private static let fields = FieldSet(
        ["status", "message", "errors", "details"].map {
            FieldPath(segments: [FieldSegment("error"), FieldSegment($0)])
        })

    private static let detailFields = FieldSet(
        ["@type", "reason", "retryDelay"].map { FieldPath(segments: [FieldSegment($0)]) })
}
