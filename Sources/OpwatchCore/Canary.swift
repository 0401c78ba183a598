/// Lets a service's first cancel go alone until its verdict.
///
/// Pure and volatile: after a start, changed rules or a new build there is a first cancel again.
package struct Canary: Sendable {
    private var state = State.waiting

    private enum State: Sendable, Equatable {
        case waiting
        case out(OperationIdentity)
        case back
    }

    /// As after a start: the next cancel is a first one.
    package init() {}

    /// Whether another operation's first cancel is under way; its own further attempts may go.
    package func isOut(besides operation: OperationIdentity) -> Bool {
        if case .out(let canary) = state { canary != operation } else { false }
    }

    /// The operation whose verdict the others wait for.
    package var operation: OperationIdentity? {
        if case .out(let canary) = state { canary } else { nil }
    }

    /// Its cancel leaves; while there is no canary, it is the one.
    package mutating func sent(_ operation: OperationIdentity) {
        if state == .waiting { state = .out(operation) }
    }

    /// It was not sent, or is not proven: the next in line is the canary.
    package mutating func failed(_ operation: OperationIdentity) {
        if state == .out(operation) { state = .waiting }
    }

    /// Its cancel has a verdict.
    package mutating func proven(_ operation: OperationIdentity, _ verdict: Verdict) {
        guard state == .out(operation) else { return }
        switch verdict {
        case .cancelled, .finishedAnyway, .failedOtherwise, .vanished: state = .back
        // Not the end of a cancel that the service took.
        case .refused, .defied, .cancelledByOther: state = .waiting
        }
    }

    /// After changed rules the next cancel is a first one again.
    package mutating func restart() {
        state = .waiting
    }
}
