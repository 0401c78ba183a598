package import OpwatchCore

/// What the outside tells the engine.
package enum EngineEvent: Sendable {
    /// One page, or why there is none.
    case page(RequestID, PartitionID, walk: UInt32, Result<PageAnswer, CallFailure>)
    /// A request for a page failed and is tried again.
    case pageRetried(RequestID, PartitionID, walk: UInt32, CallFailure)
    /// A GET failed and is tried again.
    case fetchRepeated(RequestID)
    case fetched(
        RequestID, OperationIdentity, FetchPurpose, Result<OperationAnswer, CallFailure>)
    /// What became of the POST of a permit.
    case cancelAnswered(RequestID, Result<Asked, CallFailure>)
    /// An intent could not be made durable: it was never decided.
    case intentFailed(ServiceID)
    /// A valid policy, to be in force from now on.
    /// - kept: those under which cancels began that it does not watch, see
    ///   `Engine.unwatchedPolicies`.
    case policy(PolicyPlan, kept: [PolicyHash: KeptPolicy])
    /// The policy file is refused: the one in force goes on, and nothing is cancelled.
    case policyRefused
    /// Somebody asked for a reload: what waits because a service asked for it is tried at once.
    case pausesEnded
    /// Begin nothing new; what has not left goes back.
    case shutdown
}

/// The policy of an earlier time, by its hash.
package enum KeptPolicy: Sendable {
    case policy(Policy)
    /// Nobody kept its text, or it cannot be read, at this path.
    case missing(path: String)
}
