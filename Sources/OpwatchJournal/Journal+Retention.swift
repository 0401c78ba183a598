package import OpwatchCore
package import WireFormat

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
