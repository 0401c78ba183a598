package import WireFormat

/// The cancels of the last 60 minutes, by the server times in their intents.
package struct SpentBudget: Sendable, Equatable {
    /// One intent that was not withdrawn.
    package struct Entry: Sendable, Equatable {
        /// nil where the journal keeps only the time.
        package let intent: IntentID?
        package let service: String
        package let at: Timestamp

        package init(intent: IntentID?, service: String, at: Timestamp) {
            self.intent = intent
            self.service = service
            self.at = at
        }

        /// Whether both are of one cancel; by its time where the journal keeps no more of it.
        package func isSame(as other: Entry) -> Bool {
            guard let intent, let other = other.intent else {
                return service == other.service && at == other.at
            }
            return intent == other
        }
    }

    package private(set) var entries: [Entry] = []

    package static let window = Duration.seconds(3_600)

    package init() {}

    mutating func add(_ intent: IntentID?, service: String, at time: Timestamp) {
        entries.append(Entry(intent: intent, service: service, at: time))
    }

    mutating func giveBack(_ intent: IntentID) {
        entries.removeAll { $0.intent == intent }
    }

    /// Drops what cannot count any more, neither at `now` nor beside the latest cancel: one server
    /// with a clock far ahead must not empty the budget of all.
    mutating func prune(at now: Timestamp) {
        guard let latest = entries.map(\.at).max() else { return }
        let end = min(now, latest)
        // By the clock of another service, which may be behind, they count a little longer.
        let kept = Self.window + Limits.clockDifferenceMax * 2
        entries.removeAll { end.duration(since: $0.at) > kept }
    }

    /// Cancels that count at `now`; one in the future of `now` counts too.
    package func count(at now: Timestamp) -> Int {
        entries.count { now.duration(since: $0.at) <= Self.window }
    }
}
