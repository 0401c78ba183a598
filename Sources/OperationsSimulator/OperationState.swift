package import WireFormat

/// What is true of an operation at one instant.
package struct OperationState: Hashable, Sendable {
    /// Where in its life it is.
    package enum Phase: Hashable, Sendable {
        /// Its creation is still to come: not found, not listed.
        case unborn
        case queued
        case running
        case done(Outcome, at: Timestamp)
        /// Vanished: not found, not listed.
        case gone
    }

    /// Where in its life it is.
    package let phase: Phase
    /// `metadata.isCancellationRequested`.
    package let isCancellationRequested: Bool

    /// Whether a GET finds it.
    package var exists: Bool {
        switch phase {
        case .unborn, .gone: false
        case .queued, .running, .done: true
        }
    }

    /// Whether it has ended.
    package var isDone: Bool {
        if case .done = phase { true } else { false }
    }
}
