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

    package init() {}

    /// Whether another operation's first cancel is under way; its own further attempts may go.
    package func isOut(besides operation: OperationIdentity) -> Bool {
        if case .out(let canary) = state { canary != operation } else { false }
    }

    package mutating func sent(_ operation: OperationIdentity) {
        if state == .waiting { state = .out(operation) }
    }

    /// It was not sent, or is not proven: the next in line is the canary.
    package mutating func failed(_ operation: OperationIdentity) {
        if state == .out(operation) { state = .waiting }
    }

    package mutating func proven(_ operation: OperationIdentity, _ verdict: Verdict) {
        guard state == .out(operation) else { return }
        state = verdict.leavesRunning ? .waiting : .back
    }

    /// After changed rules the next cancel is a first one again.
    package mutating func restart() {
        state = .waiting
    }
}
