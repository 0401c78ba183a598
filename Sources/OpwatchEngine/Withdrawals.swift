import OpwatchCore

/// Gives intents back whose POST did not leave.
struct Withdrawals {
    let facts: Facts
    let roster: Roster

    /// - Parameter isNews: whether the log is to tell of it, beside the journal.
    func withdraw(
        _ intent: JournalRecord.Intent, _ service: LiveService, reason: String,
        isNews: Bool = true
    ) {
        roster.changeCanaries { $0.failed(intent.operation) }
        if isNews {
            facts.tell(
                .withdrawn(service.plan.label(intent.operation), intent, reason: reason))
        }
        facts.record(.withdrawn(intent.id, reason: reason), of: service.plan)
        guard let ref = facts.state.find(intent.operation),
            facts.state.cancel(ref)?.isOpen == true
        else { return }
        facts.proofs[ref] = OpenProof(
            roster.verifySettings(service), since: facts.now.instant)
    }

    /// A cancel that has not left goes back; one that has is waited for.
    func withdrawUnsent(_ service: LiveService, reason: String) {
        // What is on its way to the journal finds an idle hand when it comes back.
        switch service.attempt.take() {
        case .idle: break
        case .recording: break
        case .posting(let intent, let queued): service.attempt = .posting(intent, queued)
        case .observing: service.lane.clear(.gatePair)
        case .fetching(let recorded, _):
            service.lane.clear(.gatePair)
            withdraw(recorded.intent, service, reason: reason)
        case .permitted(let permit, let intent, let subject):
            discard(permit)
            giveBack(subject.queued.partition, service)
            withdraw(intent, service, reason: reason)
        }
    }

    /// What was not sent counts not among the cancels of its parent's poll. A reload may have put
    /// the parent elsewhere.
    func giveBack(_ id: PartitionID, _ service: LiveService) {
        service.partitions.update(id) { $0.startedInPoll = max(0, $0.startedInPoll - 1) }
    }

    private func discard(_ permit: consuming CancelPermit) {}
}
