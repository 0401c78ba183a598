/// Lets a service's first cancel go alone until its verdict.
///
/// Pure and volatile: after a start, changed rules or a new build there is a first cancel again.
package struct Canary: Sendable {
    private var state = State.waiting

    private enum State: Sendable, Equatable {
        case waiting
        /// The first cancel, or those that were open already; never empty.
        case out([OperationIdentity])
        case back
    }

    /// As after a start: the next cancel is a first one.
    package init() {}

    /// Whether another operation's first cancel is under way; its own further attempts may go.
    package func isOut(besides operation: OperationIdentity) -> Bool {
        if case .out(let canaries) = state { canaries.contains { $0 != operation } } else { false }
    }

    /// The operation whose verdict the others wait for; the first of them.
    package var operation: OperationIdentity? {
        if case .out(let canaries) = state { canaries.first } else { nil }
    }

    /// Its cancel leaves; while there is no canary, it is the one.
    package mutating func sent(_ operation: OperationIdentity) {
        if state == .waiting { state = .out([operation]) }
    }

    /// Its cancel left before a start or under another policy, and has no verdict yet.
    package mutating func wasOpen(_ operation: OperationIdentity) {
        switch state {
        case .waiting: state = .out([operation])
        case .out(let canaries):
            if !canaries.contains(operation) { state = .out(canaries + [operation]) }
        case .back: break
        }
    }

    /// It was not sent, or is not proven: where no other one is out, the next in line is the
    /// canary.
    package mutating func failed(_ operation: OperationIdentity) {
        guard case .out(let canaries) = state else { return }
        let left = canaries.filter { $0 != operation }
        state = left.isEmpty ? .waiting : .out(left)
    }

    /// Its cancel has a verdict.
    package mutating func proven(_ operation: OperationIdentity, _ verdict: Verdict) {
        guard case .out(let canaries) = state, canaries.contains(operation) else { return }
        switch verdict {
        case .cancelled, .finishedAnyway, .failedOtherwise, .vanished: state = .back
        // Not the end of a cancel that the service took.
        case .refused, .defied, .cancelledByOther: failed(operation)
        }
    }

    /// After changed rules or a closed breaker the next cancel is a first one again, behind those
    /// that are out.
    package mutating func restart() {
        if state == .back { state = .waiting }
    }
}
