import OperationsClient
import OpwatchCore
import OpwatchJournal
import OpwatchSystemd
import WireFormat

/// Operations that are no longer listed, or listed as younger than they are known: what became of
/// them is asked of the service by name.
extension Watcher {
    /// Fetches operations that a complete poll did not list, at the lowest priority.
    func fetchAbsent(
        _ absent: [WatchState.OperationRef], _ service: ServiceWatch, number: UInt32
    ) {
        for ref in absent where !closingQueued.contains(ref) {
            let isNew = memory.absences[ref] == nil
            var absence = memory.absences[ref] ?? PollMemory.Absence(nextGetIn: number)
            guard absence.nextGetIn <= number else { continue }
            let operation = state.identity(ref)
            absence.nextGetIn = number + 1
            memory.absences[ref] = absence
            guard operation.isAddressable else {
                // Two complete polls without it are all that can be known.
                if !isNew { commit(.dropped(operation), service) }
                continue
            }
            closingQueued.insert(ref)
            add(.look(operation, .closing), to: service)
        }
    }

    /// Fetches operations whose names show a younger one than the one that is known.
    func fetchRenewed(_ renewed: [WatchState.OperationRef], _ service: ServiceWatch) {
        for ref in renewed
        where !closingQueued.contains(ref) && state.cancel(ref)?.isOpen != true
            && !isLeftAlone(ref)
        {
            let operation = state.identity(ref)
            guard operation.isAddressable else {
                contradicted(ref, service, .differs, "and its name cannot stand in a URL")
                continue
            }
            closingQueued.insert(ref)
            add(.look(operation, .closing), to: service)
        }
    }

    func tookClosingLook(
        _ answer: Result<OperationAnswer, CallFailure>, of operation: OperationIdentity,
        _ service: ServiceWatch
    ) {
        guard let ref = state.find(operation), closingQueued.remove(ref) != nil,
            state.cancel(ref)?.isOpen != true
        else { return }
        switch read(answer, operation, service) {
        case .success(let fresh) where isRenewed(ref, in: fresh):
            // By the GET alone nothing is proven.
            guard isMissed(ref) else { return }
            commit(vanishing(ref, service), service)
        case .success(let fresh) where fresh.sighting.snapshot.isDone:
            closeOperation(
                ref, code: fresh.sighting.snapshot.outcomeCode, service, at: fresh.now)
        case .success: stillRuns(ref, operation, service)
        case .failure(let failure) where failure.saysGone: isGone(ref, service)
        case .failure(.unsupported(let error)):
            // Nothing more can be known of it.
            guard isMissed(ref) else { return }
            reporter.note(
                .warning,
                "\(service.label(operation).text): no longer listed, and the service has no GET "
                    + "(\(error)); no longer watched")
            commit(.dropped(operation), service)
        case .failure(let failure): cannotBeFetched(ref, operation, service, failure)
        }
    }

    /// A denied cancel is no reason not to ask what has become of its operation.
    private func isLeftAlone(_ ref: WatchState.OperationRef) -> Bool {
        guard let pause = memory.pauses[ref], pause.kind != .denied else { return false }
        return pause.holds(at: dependencies.instant())
    }

    /// Whether the list does not show it any more, or shows a younger one in its place. A list that
    /// came while the GET was under way may show it again.
    private func isMissed(_ ref: WatchState.OperationRef) -> Bool {
        memory.absences[ref] != nil || memory.renewed.contains(ref)
    }

    /// What is no longer listed and cannot be fetched is asked for with growing pauses.
    private func cannotBeFetched(
        _ ref: WatchState.OperationRef, _ operation: OperationIdentity, _ service: ServiceWatch,
        _ failure: CallFailure
    ) {
        guard var absence = memory.absences[ref] else {
            return contradicted(ref, service, .noAnswer, "and its GET failed: \(failure)")
        }
        absence.failures = min(absence.failures + 1, Self.failuresCounted)
        absence.nextGetIn &+= (1 << absence.failures) - 1
        memory.absences[ref] = absence
        guard !service.isClosingTold else { return }
        service.isClosingTold = true
        reporter.note(
            .warning,
            "\(service.label(operation).text): no longer listed and cannot be fetched "
                + "(\(failure)), so nobody knows whether it has ended; it stays tracked and is "
                + "asked for ever less, as others like it")
    }

    /// After so many failures the pauses grow no longer: 64 polls.
    private static let failuresCounted: UInt32 = 6

    private func stillRuns(
        _ ref: WatchState.OperationRef, _ operation: OperationIdentity, _ service: ServiceWatch
    ) {
        guard var absence = memory.absences[ref] else {
            return contradicted(ref, service, .differs, "and not by its GET")
        }
        absence.missingSince = nil
        absence.failures = 0
        absence.nextGetIn += Self.unlistedPolls
        memory.absences[ref] = absence
        if !state.tables[ref.table].flags(ref.slot).contains(.unlisted) {
            commit(.unlisted(operation), service)
        }
    }

    private func isGone(_ ref: WatchState.OperationRef, _ service: ServiceWatch) {
        guard var absence = memory.absences[ref] else {
            return contradicted(ref, service, .differs, "and its GET says that it is gone")
        }
        if absence.missingSince != nil {
            commit(vanishing(ref, service), service)
        } else {
            absence.missingSince = serverTime(service)
            memory.absences[ref] = absence
        }
    }

    /// The list shows a younger operation, which nothing else confirms: told once, and asked for
    /// with growing pauses.
    private func contradicted(
        _ ref: WatchState.OperationRef, _ service: ServiceWatch, _ kind: OperationPause.Kind,
        _ by: String
    ) {
        guard memory.renewed.contains(ref) else { return }
        let reason = "creation time is a younger one's by the list, \(by)"
        // Denied: one trial an hour, whatever else is odd about it.
        let isDenied = memory.pauses[ref].map {
            $0.kind == .denied && $0.holds(at: dependencies.instant())
        }
        let isNews =
            isDenied == true
            ? memory.reported.insert(ref).inserted : pause(ref, service, kind, reason: reason)
        if isNews {
            reporter.report(.unusable(service.label(state.identity(ref)), reason: reason))
        }
    }

    /// Complete polls between two fetches of an operation that runs unlisted.
    private static let unlistedPolls: UInt32 = 9

    private func vanishing(
        _ ref: WatchState.OperationRef, _ service: ServiceWatch
    ) -> JournalRecord {
        let operation = state.identity(ref)
        guard let history = state.cancel(ref), case .ended = history.state else {
            return .vanished(operation)
        }
        return .verdict(
            operation, history.intent.id, .vanished, late: true, at: serverTime(service))
    }

    func closeOperation(
        _ ref: WatchState.OperationRef, code: Int64, _ service: ServiceWatch, at now: Timestamp
    ) {
        guard state.cancel(ref)?.isOpen != true else { return }
        commit(state.closing(ref, code: code, at: now), service)
    }
}
