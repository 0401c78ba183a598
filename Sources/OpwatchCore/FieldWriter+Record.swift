extension FieldWriter {
    mutating func begin(_ kind: JournalRecord.Kind) {
        self.kind(kind.rawValue)
    }

    mutating func begin(
        _ kind: JournalRecord.Kind, _ operation: OperationIdentity
    ) throws(Unwritable) {
        begin(kind)
        try self.operation(operation)
    }
}
