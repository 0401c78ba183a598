import OpwatchCore
import SeededRandom
import WireFormat

/// How a simulated service answers to cancels.
struct SimulatedCancels: Sendable {
    /// Whether the cancel of an ended operation is accepted, and not FAILED_PRECONDITION.
    private let acceptsLateCancels: Bool
    /// By type of operation: whether cancel is UNIMPLEMENTED for it.
    private let unimplemented: [Bool]
    private let body: [UInt8]

    init(style: BodyStyle, _ faults: inout Faults) {
        acceptsLateCancels = faults.random.once(in: 3)
        unimplemented = BodyStyle.types.map { _ in faults.draws(.cancelUnimplemented) }
        body = style.empty
    }

    /// What every cancel of it is refused with, as far as is known.
    func lastingRefusal(of operation: SimulatedOperation) -> StatusCode? {
        if unimplemented[operation.type] { return .unimplemented }
        return operation.manner == .refused ? .invalidArgument : nil
    }

    /// The cancel arrived at the service.
    /// - Parameter place: of the operation that has the name now, if one has.
    mutating func cancel(
        _ place: Agenda.Place?, _ name: String, at now: Timestamp,
        _ lives: inout OperationLives, _ faults: inout Faults
    ) -> Reply<CancelOutcome> {
        guard let place, let operation = lives[place] else {
            return faults.notFound(name, nil)
        }
        guard operation.ended == nil else {
            return acceptsLateCancels
                ? accepted(place, isEffective: false, &faults) : notNow(place, &faults)
        }
        let manner = manner(of: operation, &lives, &faults)
        switch manner {
        case .honoured, .slow:
            return honour(operation, isSlow: manner == .slow, at: now, &lives, &faults)
        case .refusedUntilStarted:
            if operation.started != nil {
                return honour(operation, isSlow: false, at: now, &lives, &faults)
            }
            faults.count(.cancelRefusedForNow)
            return notNow(place, &faults)
        case .ignored(let isFlagged):
            faults.count(.cancelIgnored)
            let isEffective = isFlagged && operation.flagged == nil
            if isEffective { lives[place]?.flagged = now }
            return accepted(place, isEffective: isEffective, &faults)
        case .refused:
            faults.count(.cancelRefused)
            let words = "This operation cannot be cancelled."
            return faults.refusal(400, .invalidArgument, words, place)
        case .unimplemented:
            faults.count(.cancelUnimplemented)
            return faults.refusal(501, .unimplemented, "Operation is not implemented.", place)
        case .denied:
            faults.count(.cancelDenied)
            return faults.reply(.denied(Faults.denial), .permissionDenied, place)
        case .notFound:
            faults.count(.cancelNotFound)
            return faults.notFound(name, place)
        }
    }

    /// As it was drawn for its first cancel. After healing only what lasts is left; an operation
    /// whose cancel was ignored may be lucky with the next.
    private func manner(
        of operation: SimulatedOperation, _ lives: inout OperationLives, _ faults: inout Faults
    ) -> CancelManner {
        if unimplemented[operation.type] { return .unimplemented }
        guard let manner = operation.manner else {
            let manner = faults.manner()
            lives[operation.place]?.manner = manner
            return manner
        }
        if manner == .refused { return manner }
        if faults.isHealed { return .honoured }
        if case .ignored = manner, faults.random.once(in: 4) { return .honoured }
        return manner
    }

    private func honour(
        _ operation: SimulatedOperation, isSlow: Bool, at now: Timestamp,
        _ lives: inout OperationLives, _ faults: inout Faults
    ) -> Reply<CancelOutcome> {
        let place = operation.place
        if operation.started != nil, faults.strikes(.cancelRefusedForNow) {
            return faults.refusal(409, .aborted, "The operation was aborted, try again.", place)
        }
        if operation.isEnding { return accepted(place, isEffective: false, &faults) }
        if isSlow { faults.count(.cancelSlow) }
        lives[place]?.flagged = operation.flagged ?? now
        let delay = faults.random.seconds(isSlow ? 600...12 * 3_600 : 1...300)
        lives.end(place, code: 1, at: now.advanced(by: delay), isCancel: true)
        return accepted(place, isEffective: true, &faults)
    }

    private func accepted(
        _ place: Agenda.Place, isEffective: Bool, _ faults: inout Faults
    ) -> Reply<CancelOutcome> {
        Reply(
            delay: faults.delay(), result: .success(CancelOutcome(body: body)),
            fate: Fate(number: place.number, isEffective: isEffective))
    }

    private func notNow(
        _ place: Agenda.Place, _ faults: inout Faults
    ) -> Reply<CancelOutcome> {
        let words = "The operation is not in a state to be cancelled."
        return faults.refusal(400, .failedPrecondition, words, place)
    }
}
