extension JournalRecord {
    /// What a record is about.
    package enum Subject: Sendable, Equatable {
        /// The daemon, its policy and its journal.
        case daemon
        case service
        case operation(OperationIdentity)
        /// An intent, whose own record alone names the operation.
        case intent(IntentID)
    }

    /// What is true of a kind, whatever its record says.
    package struct Traits: OptionSet, Sendable {
        /// One bit each.
        package let rawValue: UInt8

        package init(rawValue: UInt8) {
            self.rawValue = rawValue
        }

        /// An auditor may ask for it long after: who watched under which policy, what was warned
        /// of, decided, asked and proven.
        package static let audit = Traits(rawValue: 1)
        /// What was decided, asked or proven about a cancel.
        package static let cancel = Traits(rawValue: 2)
        /// The operation may be let go by it.
        package static let end = Traits(rawValue: 4)
    }

    /// Whether an auditor may ask for it long after.
    package var isAudit: Bool { traits.contains(.audit) }
}
