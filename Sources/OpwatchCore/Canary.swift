/// Lets a service's first cancel go alone until its verdict.
///
/// Pure and volatile: after a start, changed rules or a closed breaker there is a first cancel
/// again.
package struct Canary: Sendable {
    /// Cancels that left and are neither proven nor given up: where none is proven yet, each of
    /// them is a canary. More than one where they left before a start, other rules or a breaker.
    private var out: [OperationIdentity] = []
    private var isProven = false

    /// As after a start: the next cancel is a first one.
    package init() {}

    /// Whether another operation's first cancel is under way; its own further attempts may go.
    package func isOut(besides operation: OperationIdentity) -> Bool {
        !isProven && out.contains { $0 != operation }
    }

    /// The operation whose verdict the others wait for; the first of them.
    package var operation: OperationIdentity? { isProven ? nil : out.first }

    /// Its cancel leaves, or left before a start and has no verdict yet.
    package mutating func sent(_ operation: OperationIdentity) {
        if !out.contains(operation) { out.append(operation) }
    }

    /// It was not sent, or is not proven: where no other one is out, the next in line is the
    /// canary.
    package mutating func failed(_ operation: OperationIdentity) {
        out.removeAll { $0 == operation }
    }

    /// Its cancel has a verdict.
    package mutating func proven(_ operation: OperationIdentity, _ verdict: Verdict) {
        guard let place = out.firstIndex(of: operation) else { return }
        out.remove(at: place)
        switch verdict {
        case .cancelled, .finishedAnyway, .failedOtherwise, .vanished: isProven = true
        // Not the end of a cancel that the service took.
        case .refused, .defied, .cancelledByOther: break
        }
    }

    /// After changed rules or a closed breaker the next cancel is a first one again, behind those
    /// that are out.
    package mutating func restart() {
        isProven = false
    }
}
