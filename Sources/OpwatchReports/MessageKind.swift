/// The messages that opwatchd gives an id in journald, so that `journalctl -x` explains them and
/// `journalctl MESSAGE_ID=` finds them.
///
/// Verdicts bear the names of the verdicts.
package enum MessageKind: String, Sendable, CaseIterable {
    case started, ready, stopping, policyLoaded, policyRefused, nothingToWatch, limitReached,
        logDropped, dailySummary
    case warned, wouldCancel, cancelAsked, withdrawn, deferred, foreignCancel, cancelDenied,
        cancelUnanswered, cancelRefused, unsupported, unproven, breakerOpen, breakerClosed
    case cancelled, finishedAnyway, failedOtherwise, vanished, refused, defied,
        cancelledByOther, late
    case pollFailed, pollRecovered, pollPartial, pollOverdue, contradiction, unlisted,
        duplicateListing, filterRejected, filterDropsAll, credentialsFailing, credentialsRecovered
    case journalDown, journalRecovered, journalDamaged, clockDisagrees, clockAgrees

    /// Its id, priority and explanation.
    package var entry: CatalogEntry {
        switch self {
        case .started: .started
        case .ready: .ready
        case .stopping: .stopping
        case .policyLoaded: .policyLoaded
        case .policyRefused: .policyRefused
        case .nothingToWatch: .nothingToWatch
        case .limitReached: .limitReached
        case .logDropped: .logDropped
        case .dailySummary: .dailySummary
        case .warned: .warned
        case .wouldCancel: .wouldCancel
        case .cancelAsked: .cancelAsked
        case .withdrawn: .withdrawn
        case .deferred: .deferred
        case .foreignCancel: .foreignCancel
        case .cancelDenied: .cancelDenied
        case .cancelUnanswered: .cancelUnanswered
        case .cancelRefused: .cancelRefused
        case .unsupported: .unsupported
        case .unproven: .unproven
        case .breakerOpen: .breakerOpen
        case .breakerClosed: .breakerClosed
        case .cancelled: .cancelled
        case .finishedAnyway: .finishedAnyway
        case .failedOtherwise: .failedOtherwise
        case .vanished: .vanished
        case .refused: .refused
        case .defied: .defied
        case .cancelledByOther: .cancelledByOther
        case .late: .late
        case .pollFailed: .pollFailed
        case .pollRecovered: .pollRecovered
        case .pollPartial: .pollPartial
        case .pollOverdue: .pollOverdue
        case .contradiction: .contradiction
        case .unlisted: .unlisted
        case .duplicateListing: .duplicateListing
        case .filterRejected: .filterRejected
        case .filterDropsAll: .filterDropsAll
        case .credentialsFailing: .credentialsFailing
        case .credentialsRecovered: .credentialsRecovered
        case .journalDown: .journalDown
        case .journalRecovered: .journalRecovered
        case .journalDamaged: .journalDamaged
        case .clockDisagrees: .clockDisagrees
        case .clockAgrees: .clockAgrees
        }
    }
}
