package import FilterLanguage

/// What a rule does with an operation that it matches.
package enum Action: String, Sendable, Equatable, CaseIterable {
    /// Cancels past the timeout, through the gate.
    case cancel
    /// Says so past the timeout, once.
    case warn
    /// Protects: an `ignore` rule wins wherever it stands.
    case ignore
}

/// What a timeout measures.
package enum Clock: UInt8, Sendable, Hashable, CaseIterable, CustomStringConvertible {
    /// From creation, or from first seen where the API tells no creation time.
    case total
    /// Created, not started.
    case queued
    /// From start.
    case running
    /// Observed time since the update time or progress last changed.
    case stalled

    /// The policy's key and the journal's word.
    package var description: String {
        switch self {
        case .total: "total"
        case .queued: "queued"
        case .running: "running"
        case .stalled: "stalled"
        }
    }

    /// nil for a word that is none of `description`.
    package init?(_ word: String) {
        guard let clock = Self.allCases.first(where: { $0.description == word }) else { return nil }
        self = clock
    }
}

/// The `timeouts:` of a rule; at least one is set where the rule's action needs one.
package struct Timeouts: Sendable, Equatable {
    package var total: Duration?
    package var queued: Duration?
    package var running: Duration?
    package var stalled: Duration?

    package init(
        total: Duration? = nil, queued: Duration? = nil, running: Duration? = nil,
        stalled: Duration? = nil
    ) {
        self.total = total
        self.queued = queued
        self.running = running
        self.stalled = stalled
    }

    /// The timeout of one clock, nil where it is not set.
    package subscript(clock: Clock) -> Duration? {
        switch clock {
        case .total: total
        case .queued: queued
        case .running: running
        case .stalled: stalled
        }
    }

    /// The shortest timeout, nil when none is set.
    package var shortest: Duration? {
        Clock.allCases.compactMap { self[$0] }.min()
    }
}

/// One `rules[]` entry.
package struct Rule: Sendable, Equatable {
    /// Unique in the policy.
    package var name: String
    /// Indexes into `Policy.services`; nil means all.
    package var services: [Int]?
    /// nil matches every operation.
    package var match: Filter?
    package var timeouts: Timeouts
    /// A cancel comes no earlier than this long after a warning.
    package var warnBefore: Duration?
    package var action: Action

    package init(
        name: String, services: [Int]? = nil, match: Filter? = nil,
        timeouts: Timeouts = Timeouts(), warnBefore: Duration? = nil, action: Action
    ) {
        self.name = name
        self.services = services
        self.match = match
        self.timeouts = timeouts
        self.warnBefore = warnBefore
        self.action = action
    }

    /// Whether the rule looks at operations of the service at `index` of the policy.
    package func applies(toService index: Int) -> Bool {
        services?.contains(index) ?? true
    }
}
