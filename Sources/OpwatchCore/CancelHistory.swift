package import WireFormat

/// What the journal knows of our cancels of one operation.
package struct CancelHistory: Sendable, Equatable {
    /// The latest intent.
    package var intent: JournalRecord.Intent
    /// Attempts that the service accepted, the latest included.
    package var accepted: Int
    /// Everything else that intents have led to, the latest included.
    package var earlier: EarlierIntents
    /// The service's own words in its last answer.
    package var words: String
    /// Whether the latest intent was withdrawn; stays known when earlier ones led to a verdict.
    var isWithdrawn = false
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

    /// A history that begins with its first intent, or goes on after those that it tells of.
    init(_ intent: JournalRecord.Intent) {
        self.intent = intent
        accepted = intent.attempt - 1
        earlier = intent.earlier
        words = ""
        state = .recorded
    }

    /// What a next intent has to tell of the ones before it.
    package var told: EarlierIntents {
        var told = earlier
        // Nobody knows whether its request left.
        if state == .recorded {
            told.unanswered += 1
            told.mayHaveArrived = true
        }
        return told
    }

    /// Takes the answer to the latest intent.
    mutating func take(_ answer: CancelAnswer, http: Int, status: String, words: String) {
        state = .answered(answer)
        self.words = words
        let isWordless = status == AskedStatus.wordless && answer != .accepted
        earlier.wordless = isWordless ? http : 0
        switch answer {
        case .accepted: accepted += 1
        case .refused(.passing): earlier.refusals += 1
        case .refused(.lasting), .refused(.unimplemented), .missing, .denied: break
        case .unanswered:
            earlier.unanswered += 1
            // Whoever answers without a word has done nothing.
            if earlier.wordless == 0 { earlier.mayHaveArrived = true }
        }
    }

    /// Takes a verdict that leaves the operation running; how it came about matters no more.
    mutating func end(_ verdict: Verdict, at time: Timestamp) {
        var left = EarlierIntents()
        left.mayHaveArrived = intent.earlier.mayHaveArrived
        if case .answered(.refused) = state { left.refusals = 1 }
        let isTakenBefore = intent.attempt > 1 || intent.earlier.mayHaveArrived
        accepted = verdict == .defied || isTakenBefore ? intent.attempt : 0
        state = .ended(verdict, at: time)
        earlier = left
        words = ""
    }

    /// Whether no other intent may follow the latest one.
    /// - Parameter mayRetry: whether an open cancel was looked up and may be followed by one.
    package func shutsNext(mayRetry: Bool) -> Bool {
        if case .ended = state { return true }
        return isOpen && !mayRetry
    }

    /// Whether the service may be working on a cancel of ours.
    package var mayBeTaken: Bool {
        switch state {
        case .recorded, .answered(.accepted), .answered(.unanswered): true
        case .answered(.refused), .answered(.missing), .answered(.denied), .withdrawn, .ended:
            isTaken
        }
    }

    /// `refused` needs the answer that it speaks of, `defied` a cancel that may have been taken,
    /// and only the real end, told as late, can follow them.
    func mayEnd(with verdict: Verdict, late: Bool) -> Bool {
        if case .ended = state { return late && !verdict.leavesRunning }
        if late { return false }
        switch verdict {
        case .cancelled, .finishedAnyway, .failedOtherwise, .vanished, .cancelledByOther:
            return true
        // Earlier versions forgot what may have arrived before.
        case .refused: return isRefused || mayBeTaken
        // With its flag in sight a cancel that was refused is one that was taken.
        case .defied: return mayBeTaken || isRefused
        }
    }

    private var isRefused: Bool {
        switch state {
        case .answered(.refused), .answered(.missing): true
        case .recorded, .answered(.accepted), .answered(.denied), .answered(.unanswered),
            .withdrawn, .ended:
            false
        }
    }

    /// Whether this operation still has to be fetched until something is proven.
    package var isOpen: Bool {
        switch state {
        case .recorded: true
        case .answered(.accepted), .answered(.refused), .answered(.missing), .answered(.unanswered):
            true
        case .answered(.denied), .withdrawn: mayBeTaken
        case .ended: false
        }
    }

    /// What the operation's end says of our cancels; 0 is success.
    ///
    /// Code 1 proves them where the service may have taken one; a refusal that is followed by the
    /// end counts as taken.
    /// - Parameter refusalStands: whether it was seen to go on after the refusal, so that the end
    ///   is somebody else's.
    func verdict(code: Int64, refusalStands: Bool = false) -> Verdict {
        switch code {
        case 0: return .finishedAnyway
        case 1:
            if case .answered(.refused) = state, !refusalStands { return .cancelled }
            return mayBeTaken ? .cancelled : .cancelledByOther
        default: return .failedOtherwise
        }
    }

    /// What an answer to the latest intent means.
    ///
    /// - Parameters:
    ///   - http: the HTTP status, 0 where no answer came.
    ///   - status: a word of `AskedStatus`.
    package func meaning(http: Int, status: String) -> CancelAnswer {
        if (200...299).contains(http) { return .accepted }
        var code = StatusCode(rawValue: status)
        // What nobody put into words counts when it is repeated.
        if status == AskedStatus.wordless, http == earlier.wordless {
            code = StatusCode(http: http)
        }
        switch code {
        case .failedPrecondition?, .aborted?: return refusal(.passing)
        case .invalidArgument?, .outOfRange?, .alreadyExists?: return refusal(.lasting)
        case .unimplemented?: return refusal(.unimplemented)
        case .permissionDenied?: return .denied
        case .notFound?: return isTaken ? .accepted : .missing
        case .cancelled?, .unknown?, .deadlineExceeded?, .resourceExhausted?, .internal?,
            .unavailable?, .dataLoss?, .unauthenticated?, nil:
            return .unanswered
        }
    }

    /// A refusal after a cancel that may have arrived says that it did.
    private func refusal(_ kind: CancelAnswer.Refusal) -> CancelAnswer {
        isTaken ? .accepted : .refused(kind)
    }

    /// Whether the service may have taken an intent before the latest one.
    private var isTaken: Bool { accepted > 0 || earlier.mayHaveArrived }
}
