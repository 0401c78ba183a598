/// What can go wrong between the daemon and a simulated service.
enum FaultKind: Int, CaseIterable, Sendable {
    // MARK: On the way

    /// It never arrives.
    case requestLost
    /// It arrives and has its effect; no answer comes back.
    case replyLost
    /// The answer takes up to 90 seconds.
    case lateReply
    /// For minutes: 429, with and without `Retry-After`.
    case throttled
    /// 500 or 503, for minutes or once; what was asked for may have been done.
    case serverError
    /// The HTML page of a proxy, for minutes or once.
    case foreignPage
    /// 403, 404 or 501 without a body, by somebody in between.
    case wordless
    /// For minutes: the credentials have ended.
    case unauthenticated
    /// For minutes: PERMISSION_DENIED, for cancels or for everything.
    case denied

    // MARK: Answers

    case malformed
    case truncated
    case dateMissing
    /// For minutes: the `Date` is off by hours to years.
    case dateLies

    // MARK: Lists

    /// A walk shows the parent as of up to five minutes ago.
    case staleList
    case shuffled
    /// A page is shorter than asked for.
    case pageSplit
    /// An operation of the page before is shown again.
    case shownTwice
    case missingFromWalk
    /// A token that the service does not find.
    case missingPage
    /// A page without operations and with a token.
    case emptyPage
    /// A token that leads to the same page again and again.
    case tokenLoop
    /// Operations are missing, and the page names a place that was not asked.
    case unreachable
    case creationMissing
    /// A creation time that is off by a second or by hours.
    case creationShifted
    case startMissing
    case labelMissing

    // MARK: Gets

    /// A GET shows another image than a list would.
    case staleGet

    // MARK: Cancels

    /// Accepted without an effect.
    case cancelIgnored
    /// Accepted, and effective much later.
    case cancelSlow
    /// FAILED_PRECONDITION until it is started, ABORTED after that.
    case cancelRefusedForNow
    /// INVALID_ARGUMENT, always.
    case cancelRefused
    /// UNIMPLEMENTED for all operations of a type.
    case cancelUnimplemented
    /// PERMISSION_DENIED for one operation.
    case cancelDenied
    /// NOT_FOUND though a GET finds it.
    case cancelNotFound

    // MARK: Lives

    /// A younger operation gets the name of one that has just gone.
    case nameReused
    /// Gone without an end.
    case vanished
    case cancelledByOther
    /// It ends on its own soon after a list showed it running.
    case endsAfterList
    /// It ends on its own soon after a GET showed it running.
    case endsAfterGet

    /// Those that a poll can have many of and be complete, without getting longer.
    static let harmless: [FaultKind] = [.lateReply, .shuffled, .startMissing, .labelMissing]
}
