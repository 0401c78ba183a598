import OpwatchCore
import WireFormat

extension Facts {
    /// Whether a GET shows a younger operation of the name.
    func isRenewed(_ ref: OperationRef, in fresh: FreshAnswer) -> Bool {
        state.remembered(ref, memory: memory, mayRetryCancel: false)
            .isRenewed(in: fresh.sighting.snapshot)
    }

    /// Whether a GET shows an older operation of the name.
    func isEarlier(_ ref: OperationRef, in fresh: FreshAnswer) -> Bool {
        state.remembered(ref, memory: memory, mayRetryCancel: false)
            .isEarlier(in: fresh.sighting.snapshot)
    }

    /// Whether a GET shows an end that may be the one of another operation of the name: it tells no
    /// creation time, and the list told another one, or has not been read since the start.
    func mayBeEndOfAnother(
        _ ref: OperationRef, in fresh: FreshAnswer, isListRead: Bool
    ) -> Bool {
        let remembered = state.remembered(ref, memory: memory, mayRetryCancel: false)
        let snapshot = fresh.sighting.snapshot
        guard snapshot.isDone, remembered.creation(in: snapshot) == nil else { return false }
        // One that is to come tells no more.
        if snapshot.created.told != nil { return true }
        return memory.doubts[ref] == .otherCreation || !isListRead && remembered.hasCreation
    }

    /// Whether a GET shows that the known creation time of an operation was a lie.
    /// - Parameter now: the service's time; nil where that is not known.
    func isContradicted(_ ref: OperationRef, by fresh: FreshAnswer, at now: Timestamp?) -> Bool {
        state.remembered(ref, memory: memory, mayRetryCancel: false)
            .isContradicted(by: fresh.sighting.snapshot, at: now)
    }
}
