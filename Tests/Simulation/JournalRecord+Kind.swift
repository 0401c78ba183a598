import OpwatchCore

extension JournalRecord {
    /// Whether it speaks of the state, and not of the journal's owner.
    var isFact: Bool {
        switch self {
        case .open, .close: false
        default: true
        }
    }

    /// The name of the case.
    var kindName: String {
        Mirror(reflecting: self).children.first?.label ?? "\(self)"
    }
}
