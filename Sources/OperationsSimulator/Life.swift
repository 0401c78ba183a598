/// The script of one operation: what it does by itself, and what it makes of a cancel.
///
/// Durations count from the start of its work, `ScriptedOperation.created` + `queuedFor`.
/// After a cancel that it obeys it goes on for `ScriptedOperation.cancelTakes`.
package enum Life: Hashable, Sendable {
    /// Ends by itself; a cancel before that works.
    case normal(after: Duration, outcome: Outcome = .response)
    /// Runs for ever; a cancel works.
    case slow
    /// Never starts; a cancel works.
    case queuedForEver
    /// Reports progress until `after`, then no longer; runs for ever; a cancel works.
    case stalled(after: Duration)
    /// Runs for ever; a cancel is answered 200 and changes nothing, the flag perhaps excepted.
    case ignoresCancel(showsFlag: Bool = false)
    /// Runs for ever; a cancel is answered 501 UNIMPLEMENTED.
    case refusesUnimplemented
    /// Runs for ever; a cancel is answered 400 FAILED_PRECONDITION.
    case refusesPrecondition
    /// Runs for ever; a cancel is answered 403 PERMISSION_DENIED.
    case deniedCancel
    /// Runs until a cancel, then ends with a response.
    case finishesAnyway
    /// Runs until a cancel, then ends with error code 13.
    case failsOtherwise
    /// Runs until a cancel, then is not found anywhere.
    case vanishes
    /// Somebody else's cancel shows at `flagAfter` and has worked at `endsAfter`.
    case cancelledByOther(flagAfter: Duration, endsAfter: Duration)
    /// Labelled `keep: "true"`; otherwise like `slow`.
    case kept

    /// What a cancel does to an operation that is not done.
    enum CancelReaction: Hashable {
        case ends(Outcome)
        case vanishes
        case ignores(showsFlag: Bool)
        case refuses(RPCStatus)
    }

    var cancelReaction: CancelReaction {
        switch self {
        case .normal, .slow, .queuedForEver, .stalled, .cancelledByOther, .kept:
            .ends(.cancelled)
        case .ignoresCancel(let showsFlag): .ignores(showsFlag: showsFlag)
        case .refusesUnimplemented: .refuses(.unimplemented)
        case .refusesPrecondition: .refuses(.failedPrecondition)
        case .deniedCancel: .refuses(.permissionDenied)
        case .finishesAnyway: .ends(.response)
        case .failsOtherwise:
            .ends(.error(.internal, message: "The deployment failed while it was stopped."))
        case .vanishes: .vanishes
        }
    }

    /// The end that comes without a cancel of ours, counted from the start of the work.
    var naturalEnd: (after: Duration, outcome: Outcome)? {
        switch self {
        case .normal(let after, let outcome): (after, outcome)
        case .cancelledByOther(_, let endsAfter): (endsAfter, .cancelled)
        case .slow, .queuedForEver, .stalled, .ignoresCancel, .refusesUnimplemented,
            .refusesPrecondition, .deniedCancel, .finishesAnyway, .failsOtherwise, .vanishes,
            .kept:
            nil
        }
    }

    /// When a cancel flag appears without a cancel of ours, counted from the start of the work.
    var foreignFlagAfter: Duration? {
        guard case .cancelledByOther(let flagAfter, _) = self else { return nil }
        return flagAfter
    }

    /// When the progress stops changing, counted from the start of the work.
    var progressStopsAfter: Duration? {
        guard case .stalled(let after) = self else { return nil }
        return after
    }
}
