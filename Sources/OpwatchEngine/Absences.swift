import OpwatchCore
import OpwatchReports
import WireFormat

/// Operations that are no longer listed, or listed so that it may be another one of the name: what
/// became of them is asked of the service by name.
struct Absences {
    let facts: Facts
    let conditions: GateConditions
    let reader: AnswerReader

    /// Fetches operations that a complete poll did not list, at the lowest priority.
    func fetchAbsent(
        _ absent: [Facts.OperationRef], _ service: LiveService, number: UInt32
    ) {
        for ref in absent where !facts.closingFetches.contains(ref) {
            let isNew = facts.memory.absences[ref] == nil
            var absence = facts.memory.absences[ref] ?? PollMemory.Absence(nextGetIn: number)
            guard absence.nextGetIn <= number else { continue }
            let operation = facts.state.identity(ref)
            absence.nextGetIn = number + 1
            facts.memory.absences[ref] = absence
            guard operation.isAddressable else {
                // Two complete polls without it are all that can be known.
                if !isNew { facts.record(.dropped(operation), of: service.plan) }
                continue
            }
            facts.closingFetches.insert(ref)
            service.add(.fetch(operation, .closing))
        }
    }

    /// Fetches operations whose names show what may be another one.
    func fetchDoubted(_ doubted: [Facts.OperationRef], _ service: LiveService) {
        for ref in doubted
        where !facts.closingFetches.contains(ref) && facts.state.cancel(ref)?.isOpen != true
            && !isLeftAlone(ref)
        {
            let operation = facts.state.identity(ref)
            guard operation.isAddressable else {
                contradicted(ref, service, .differs, "and its name cannot stand in a URL")
                continue
            }
            facts.closingFetches.insert(ref)
            service.add(.fetch(operation, .closing))
        }
    }

    func take(
        _ answer: Result<OperationAnswer, CallFailure>, of operation: OperationIdentity,
        _ service: LiveService
    ) {
        guard let ref = facts.state.find(operation), facts.closingFetches.remove(ref) != nil,
            facts.state.cancel(ref)?.isOpen != true
        else { return }
        switch reader.operation(answer, operation, service) {
        case .success(let fresh) where facts.isRenewed(ref, in: fresh):
            // By the GET alone nothing is proven.
            guard isMissed(ref) else {
                return undecided(ref, service, .differs, "its GET shows a younger one")
            }
            facts.record(vanishing(ref, service), of: service.plan)
        case .success(let fresh)
        where facts.isEarlier(ref, in: fresh) && facts.memory.doubts[ref] != .otherCreation:
            undecided(ref, service, .differs, "its GET shows an older one of its name")
        case .success(let fresh) where facts.mayBeEndOfAnother(ref, in: fresh, isListRead: true):
            undecided(ref, service, .differs, "its GET shows an end that may be another one's")
        case .success(let fresh) where fresh.sighting.snapshot.isDone:
            facts.close(
                ref, code: fresh.sighting.snapshot.outcomeCode, at: fresh.now, of: service.plan)
        case .success(let fresh)
        where facts.isContradicted(
            ref, by: fresh, at: service.rails.clock == .agrees ? fresh.now : nil):
            // List and GET agree on what is there instead.
            facts.record(vanishing(ref, service), of: service.plan)
        case .success: stillRuns(ref, operation, service)
        case .failure(let failure) where failure.saysGone: isGone(ref, service)
        case .failure(.unsupported(let error)):
            // Nothing more can be known of it.
            guard isMissed(ref) else {
                return contradicted(
                    ref, service, .noAnswer, "and the service has no GET (\(error))")
            }
            facts.note(
                .warning, of: service.plan.label(operation),
                "no longer listed, and the service has no "
                    + "GET (\(error)); no longer watched")
            facts.record(.dropped(operation), of: service.plan)
        case .failure(let failure):
            undecided(ref, service, .noAnswer, "it cannot be fetched, its GET failed: \(failure)")
        }
    }

    /// A denied cancel is no reason not to ask what has become of its operation.
    private func isLeftAlone(_ ref: Facts.OperationRef) -> Bool {
        guard let pause = facts.memory.pauses[ref], pause.kind != .denied else { return false }
        return pause.holds(at: facts.now.instant)
    }

    /// Whether the list does not show it any more, or shows a younger one in its place. A list that
    /// came while the GET was under way may show it again.
    private func isMissed(_ ref: Facts.OperationRef) -> Bool {
        facts.memory.absences[ref] != nil || facts.memory.doubts[ref] == .otherCreation
    }

    /// Neither list nor GET tells what has become of it; what is no longer listed is asked for with
    /// growing pauses.
    /// - Parameter why: what the GET was good for, as a sentence.
    private func undecided(
        _ ref: Facts.OperationRef, _ service: LiveService, _ kind: OperationPause.Kind,
        _ why: String
    ) {
        guard var absence = facts.memory.absences[ref] else {
            return contradicted(ref, service, kind, "and \(why)")
        }
        absence.failures = min(absence.failures + 1, Self.failuresCounted)
        absence.nextGetIn &+= (1 << absence.failures) - 1
        facts.memory.absences[ref] = absence
        guard !service.isAbsenceReported else { return }
        service.isAbsenceReported = true
        facts.note(
            .warning, of: service.plan.label(facts.state.identity(ref)),
            "no longer listed, and \(why), so nobody knows whether it has ended; it stays "
                + "tracked and is asked for ever less, as others like it")
    }

    /// After so many failures the pauses grow no longer: 64 polls.
    private static let failuresCounted: UInt32 = 6

    private func stillRuns(
        _ ref: Facts.OperationRef, _ operation: OperationIdentity, _ service: LiveService
    ) {
        guard var absence = facts.memory.absences[ref] else {
            return contradicted(ref, service, .differs, "and its GET shows it running")
        }
        absence.missingSince = nil
        absence.failures = 0
        absence.nextGetIn += Self.unlistedPolls
        facts.memory.absences[ref] = absence
        if !facts.state.tables[ref.table].flags(ref.slot).contains(.unlisted) {
            facts.record(.unlisted(operation), of: service.plan)
        }
    }

    private func isGone(_ ref: Facts.OperationRef, _ service: LiveService) {
        guard var absence = facts.memory.absences[ref] else {
            return contradicted(ref, service, .differs, "and its GET says that it is gone")
        }
        if absence.missingSince != nil {
            facts.record(vanishing(ref, service), of: service.plan)
        } else {
            absence.missingSince = conditions.serverTime(service)
            facts.memory.absences[ref] = absence
        }
    }

    /// The list shows what may be another operation, which nothing else confirms: told once, and
    /// asked for with growing pauses.
    private func contradicted(
        _ ref: Facts.OperationRef, _ service: LiveService, _ kind: OperationPause.Kind,
        _ by: String
    ) {
        guard let doubt = facts.memory.doubts[ref] else { return }
        let reason = "\(doubt.words), \(by)"
        // Denied: one trial an hour, whatever else is odd about it.
        let isDenied = facts.memory.pauses[ref].map {
            $0.kind == .denied && $0.holds(at: facts.now.instant)
        }
        let isNews =
            isDenied == true
            ? facts.memory.reported.insert(ref).inserted
            : conditions.pause(ref, service, kind, reason: reason)
        if isNews {
            facts.tell(.unusable(service.plan.label(facts.state.identity(ref)), reason: reason))
        }
    }

    /// Complete polls between two fetches of an operation that runs unlisted.
    private static let unlistedPolls: UInt32 = 9

    private func vanishing(
        _ ref: Facts.OperationRef, _ service: LiveService
    ) -> JournalRecord {
        let operation = facts.state.identity(ref)
        guard let history = facts.state.cancel(ref), case .ended = history.state else {
            return .vanished(operation)
        }
        return .verdict(
            operation, history.intent.id, .vanished, late: true, at: conditions.serverTime(service))
    }
}
