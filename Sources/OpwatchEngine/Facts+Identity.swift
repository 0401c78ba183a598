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

    /// Whether the known creation time of an operation cannot be.
    /// - Parameter now: the service's time; nil where that is not known.
    func isImpossible(_ ref: OperationRef, at now: Timestamp?) -> Bool {
        state.remembered(ref, memory: memory, mayRetryCancel: false).isImpossible(at: now)
    }
}
