package import WireFormat

/// Operations of one collection whose metadata is of one type.
package struct OperationKind: Sendable, Hashable {
    /// Where names are unique.
    package let endpoint: Endpoint
    /// Their names without the last segment and its slash.
    package let collection: String
    /// The `@type` of their metadata, empty where they have none; nil for all types.
    package let type: String?

    /// The same in every process, and another for every kind.
    fileprivate var order: (String, String, Int, String) {
        (endpoint.description, collection, type == nil ? 0 : 1, type ?? "")
    }
}

/// Kinds of operations whose cancel is not implemented, remembered for seven days.
package struct UnsupportedKinds: Sendable, Equatable {
    private var since: [OperationKind: Timestamp] = [:]

    /// How long UNIMPLEMENTED is remembered.
    package static let memory = Duration.seconds(7 * 86_400)

    mutating func add(_ kind: OperationKind, at time: Timestamp) {
        since[kind] = time
    }

    /// Forgets what is too old to matter.
    mutating func prune(at now: Timestamp) {
        since = since.filter { now < $0.value.advanced(by: Self.memory) }
    }

    /// Until when operations like this one are not asked to cancel; nil where they are.
    /// - Parameter type: of its metadata, empty where it has none.
    package func until(
        _ operation: OperationIdentity, type: String, at now: Timestamp
    ) -> Timestamp? {
        guard !since.isEmpty else { return nil }
        let times = [type, nil].compactMap { type in
            since[
                OperationKind(
                    endpoint: operation.endpoint, collection: operation.collection, type: type)]
        }
        // What a clock that was ahead wrote would hold until that day.
        let latest = now.advanced(by: Limits.clockDifferenceMax)
        let until = times.filter { $0 <= latest }.max()?.advanced(by: Self.memory)
        return until.flatMap { $0 > now ? $0 : nil }
    }

    /// Each kind and since when it is known, in an order of their own.
    package var all: [(kind: OperationKind, since: Timestamp)] {
        since.sorted { $0.key.order < $1.key.order }.map { ($0.key, $0.value) }
    }
}
