package import WireFormat

/// The fields of `stalling`.
package struct StallingRecord: Sendable, Equatable {
    package var operation: OperationIdentity
    /// Of what has not changed: update time, progress and the rest of the metadata.
    package var fieldHash: UInt64
    /// Server time since which it has not changed, as far as anybody watched.
    package var since: Timestamp
    /// What the clock showed.
    package var stalledFor: Duration

    package init(
        operation: OperationIdentity, fieldHash: UInt64, since: Timestamp,
        stalledFor: Duration
    ) {
        self.operation = operation
        self.fieldHash = fieldHash
        self.since = since
        self.stalledFor = stalledFor
    }
}

extension StallingRecord {
    init(from line: borrowing FieldReader) throws(FieldReader.BadField) {
        self.init(
            operation: try line.operation(), fieldHash: try line.hash(.fieldHash),
            since: try line.time(.since), stalledFor: try line.duration(.stalledFor))
    }

    func write(to line: inout FieldWriter) throws(FieldWriter.Unwritable) {
        try line.operation(operation)
        line.hash(.fieldHash, fieldHash)
        line.time(.since, since)
        line.duration(.stalledFor, stalledFor)
    }
}
