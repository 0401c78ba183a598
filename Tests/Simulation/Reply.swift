import OpwatchCore
import WireFormat

/// What a simulated service makes of one request.
struct Reply<Outcome: Sendable>: Sendable {
    /// From the request to the moment at which the client has its answer; at least a millisecond.
    var delay: Duration
    var result: Result<Outcome, CallFailure>
    /// The `Date` header of a whole answer; it may be wrong.
    var date: Timestamp?
    /// What no client can know.
    var fate: Fate
}

/// What really became of a request.
struct Fate: Sendable, Equatable {
    /// Whether the service itself got the request.
    var didArrive = true
    /// The true operation that has the name at that time; nil also for lists.
    var number: Int?
    /// Whether a cancel changed the truth: the operation is flagged, or is going to end by it.
    var isEffective = false
    /// What the service said instead of a result.
    var status: StatusCode?
}

/// A page of a list.
struct ListOutcome: Sendable {
    var body: [UInt8]
    /// The rows of the body, in order; none where it is broken.
    var shown: [Shown]
    var isFirst: Bool
    var isLast: Bool
    var unreachable: [String]
    /// The body is no valid list: cut off, no JSON, or not of the shape.
    var isBroken = false
}

/// One operation.
struct GetOutcome: Sendable {
    var body: [UInt8]
    /// Nil where the body is broken.
    var shown: Shown?

    var isBroken: Bool { shown == nil }
}

/// A cancel was accepted.
struct CancelOutcome: Sendable {
    var body: [UInt8]
}

extension Reply where Outcome == CancelOutcome {
    /// For the judge. A reply that takes longer than the client waits is `.lost` whatever it says.
    var postAnswer: PostAnswer {
        switch result {
        case .success: return .accepted
        case .failure(let failure):
            if let status = fate.status { return .error(status.rawValue) }
            return failure.isUnsent ? .notSent : .lost
        }
    }
}
