package import WireFormat

/// What the journal knows of our cancels of one operation.
package struct CancelHistory: Sendable, Equatable {
    /// The latest intent.
    package var intent: JournalRecord.Intent
    /// Attempts that the service accepted, the latest included.
    package var accepted: Int
    package var state: State

    /// How far the latest intent is.
    package enum State: Sendable, Equatable {
        /// Durable, no answer written: whether the POST left is unknown after a restart.
        case recorded
        case answered(CancelAnswer)
        /// Not sent; the operation may be cancelled by a later intent.
        case withdrawn
        case ended(Verdict, at: Timestamp)
    }

    /// `refused` and `defied` need the answer that they speak of, and only the real end, told as
    /// late, can follow them.
    func mayEnd(with verdict: Verdict, late: Bool) -> Bool {
        switch state {
        case .ended: late && !verdict.leavesRunning
        case .answered(.refused): !late && verdict != .defied
        case .answered(.missing):
            !late && verdict != .defied && (verdict != .refused || accepted == 0)
        case .answered(.accepted): !late && verdict != .refused
        case .recorded, .withdrawn, .answered(.denied), .answered(.unanswered):
            !late && !verdict.leavesRunning
        }
    }

    /// Whether this operation still has to be looked at until something is proven.
    package var isOpen: Bool {
        switch state {
        case .recorded: true
        case .answered(.accepted), .answered(.refused), .answered(.missing), .answered(.unanswered):
            true
        case .answered(.denied), .withdrawn: accepted > 0
        case .ended: false
        }
    }

    /// What the operation's end says of our cancels; 0 is success.
    ///
    /// Code 1 proves them only where the service may have taken one.
    func verdict(code: Int64) -> Verdict {
        switch code {
        case 0: .finishedAnyway
        case 1: mayBeTaken ? .cancelled : .cancelledByOther
        default: .failedOtherwise
        }
    }

    private var mayBeTaken: Bool {
        switch state {
        case .recorded, .answered(.accepted), .answered(.unanswered): true
        case .answered(.refused), .answered(.missing), .answered(.denied), .withdrawn, .ended:
            accepted > 0
        }
    }
}

/// What an answer to `:cancel` means.
package enum CancelAnswer: Sendable, Equatable {
    /// 2xx, or a refusal of a repeated cancel: verify.
    case accepted
    /// FAILED_PRECONDITION or UNIMPLEMENTED on the first attempt; a GET decides.
    case refused(isUnimplemented: Bool)
    /// 404; a GET decides.
    case missing
    /// PERMISSION_DENIED: no verdict, the service's cancels are shut.
    case denied
    /// 401, 429, a rate limit, 5xx or nothing: a GET, then a new intent.
    case unanswered

    /// - Parameters:
    ///   - http: the HTTP status, 0 where no answer came.
    ///   - status: the canonical name of the code, e.g. `FAILED_PRECONDITION`.
    ///   - accepted: attempts accepted before this one.
    package init(http: Int, status: String, accepted: Int) {
        if (200...299).contains(http) {
            self = .accepted
        } else if status == AskedStatus.failedPrecondition || status == AskedStatus.unimplemented {
            self =
                accepted > 0
                ? .accepted
                : .refused(isUnimplemented: status == AskedStatus.unimplemented)
        } else if status == AskedStatus.permissionDenied {
            self = .denied
        } else if status == AskedStatus.notFound {
            self = .missing
        } else {
            self = .unanswered
        }
    }
}

/// The words of `asked.status` in the journal that mean something to the daemon.
package enum AskedStatus {
    package static let ok = "OK"
    package static let failedPrecondition = "FAILED_PRECONDITION"
    package static let unimplemented = "UNIMPLEMENTED"
    package static let permissionDenied = "PERMISSION_DENIED"
    package static let notFound = "NOT_FOUND"

    /// The HTTP status and word that the journal keeps of a failed `:cancel`.
    package static func of(_ failure: CallFailure) -> (http: Int, status: String) {
        switch failure {
        case .throttled(let error), .unauthenticated(let error), .denied(let error),
            .notFound(let error), .unsupported(let error), .refused(let error):
            (error.http, error.code.rawValue)
        case .wordless(let http): (http, "WORDLESS")
        case .foreign(let http, _): (http, "FOREIGN")
        case .unavailable: (0, "UNAVAILABLE")
        case .malformed: (0, "MALFORMED")
        case .tooLarge: (0, "TOO_LARGE")
        case .timedOut: (0, "DEADLINE_EXCEEDED")
        case .notSent: (0, "NOT_SENT")
        }
    }
}
