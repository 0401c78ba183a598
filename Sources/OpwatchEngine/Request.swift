package import OpwatchCore

/// A request that only reads: it leaves as soon as its service's pace allows it.
package enum Request: Sendable {
    /// One page of the list of a parent.
    /// - walk: of the poll that asks; the answer counts for no other.
    case page(PartitionID, walk: UInt32, isRetry: Bool, ListRequest)
    /// The GET of one operation.
    case fetch(OperationIdentity, FetchPurpose)

    /// Its place in the lane.
    var priority: LanePriority {
        switch self {
        case .page(_, _, let isRetry, _): isRetry ? .retriedList : .list
        case .fetch(_, .gate): .gatePair
        case .fetch(_, .verify): .verify
        case .fetch(_, .closing): .closing
        }
    }
}

/// Why one operation is fetched.
package enum FetchPurpose: Sendable, Equatable {
    /// Right before a cancel; must be fresh, so it is never repeated.
    /// - attempt: the one that waits for the answer; it counts for no other.
    case gate(attempt: UInt32)
    /// After a cancel.
    case verify
    /// After it was no longer listed.
    case closing
}

/// One of our names for a parent of a service, never used again in the life of an engine: a parent
/// that a reload puts elsewhere keeps it, and one that comes back has another.
package struct PartitionID: Sendable, Hashable, Comparable {
    let number: UInt32

    package static func < (left: Self, right: Self) -> Bool { left.number < right.number }
}

/// One of our names for a service of a policy, never used again in the life of an engine.
package struct ServiceID: Sendable, Hashable {
    let number: Int
}

/// A request that was sent; the answer brings it back.
package struct RequestID: Sendable, Hashable {
    let number: UInt64
    /// Whose client sends it.
    package let service: ServiceID
}
