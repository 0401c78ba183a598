package import OpwatchCore
package import WireFormat

/// What `retain` did, for the log.
package enum RetentionStep: Sendable, Equatable, CustomStringConvertible {
    /// The next call goes on with what is in hand.
    case underway
    /// Of a journal file, past its time or the first to go for size, only the audit lines are kept.
    case thinned(file: String, kept: Int, of: Int)
    /// Audit lines past their time are gone.
    case removed(file: String)
    /// More than the policy allows, and nothing that may go.
    case tooLarge(bytes: Int64, allowed: Int64)

    /// One line for the log.
    package var description: String {
        switch self {
        case .underway: "the journal goes through its old files"
        case .thinned(let file, let kept, let count):
            "the journal keeps of \(file) its \(kept) audit lines of \(count)"
        case .removed(let file): "the journal lets \(file) go, past its time"
        case .tooLarge(let bytes, let allowed):
            "the journal has \(bytes) bytes, the policy allows \(allowed); what is left are the "
                + "files in use, audit lines before their time, and damaged files"
        }
    }
}

extension Journal {
    /// Does the next thing that the policy asks of files that no start needs: a slice of one file a
    /// call.
    ///
    /// Only while healthy, and only by the time of a service that agrees with ours; without one
    /// nothing is past its time. The newest two files, and whatever does not verify, stay.
    /// - Parameter sliceBytes: about how much is read in one call.
    /// - Returns: what was done; nil when there is nothing to do.
    /// - Throws: `io`, `shortWrite`; the journal's health is not concerned, and the files are as
    ///   they were.
    package mutating func retain(
        _ retention: Retention, at now: Timestamp, sliceBytes: Int = 4 << 20
    ) throws(JournalError) -> RetentionStep? {
        guard health == .healthy, let serverTime = serverTime?.told else {
            abandonRetention()
            return nil
        }
        // What was begun for another policy may have to stay by this one.
        if retaining?.retention != retention { abandonRetention() }
        var round = retaining.take() ?? RetentionRound(retention)
        var slice = Slice(bytes: sliceBytes)
        do throws(JournalError) {
            let step = try round.goOn(
                in: directory, serverTime: serverTime, at: now, &slice)
            switch step {
            case .underway?, .thinned?, .removed?: retaining = consume round
            case .tooLarge?, nil: break
            }
            return step
        } catch {
            round.abandon(in: directory)
            throw error
        }
    }

    /// Lets go what `retain` has in hand; the files are as they were.
    mutating func abandonRetention() {
        retaining.take()?.abandon(in: directory)
    }
}
