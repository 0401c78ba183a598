package import WireFormat

/// The fields of `seen`.
package struct SeenRecord: Sendable, Equatable {
    package var partition: Partition
    package var name: String
    /// The creation time, or the time first seen where the API tells none.
    package var since: Timestamp
    /// Whether `since` came from the API.
    package var isCreation: Bool
    /// Whether its start time was told with it.
    package var isStarted: Bool

    package init(
        partition: Partition, name: String, since: Timestamp, isCreation: Bool,
        isStarted: Bool = false
    ) {
        self.partition = partition
        self.name = name
        self.since = since
        self.isCreation = isCreation
        self.isStarted = isStarted
    }
}

extension SeenRecord {
    /// The operation that was listed.
    package var operation: OperationIdentity {
        OperationIdentity(endpoint: partition.endpoint, name: name)
    }

    init(from line: borrowing FieldReader) throws(FieldReader.BadField) {
        let isCreation = line.has(.created)
        guard line.has(.firstSeen) != isCreation else {
            throw FieldReader.BadField(field: .created)
        }
        self.init(
            partition: try line.partition(), name: try line.text(.op),
            since: try line.time(isCreation ? .created : .firstSeen), isCreation: isCreation,
            isStarted: try line.optionalFlag(.started))
    }

    func write(to line: inout FieldWriter) throws(FieldWriter.Unwritable) {
        try line.name(.service, partition.service)
        try line.name(.endpoint, partition.endpoint.description)
        try line.name(.parent, partition.parent)
        try line.name(.op, name)
        line.time(isCreation ? .created : .firstSeen, since)
        if isStarted { line.flag(.started, true) }
    }
}
