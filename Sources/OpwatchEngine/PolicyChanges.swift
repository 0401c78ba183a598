import OpwatchCore
import OpwatchReports
import WireFormat

/// Puts policies in force: services and parents come, stay and go.
struct PolicyChanges {
    let facts: Facts
    let roster: Roster
    let withdrawals: Withdrawals
    let proofs: Proofs

    /// Watches by this plan from now on. A service that stays keeps its requests and breaker.
    /// - Parameter kept: policies under which open cancels began that the plan does not watch.
    func adopt(_ next: PolicyPlan, kept: [PolicyHash: KeptPolicy]) {
        let previous = roster.plan.policy.verify
        let leaving = roster.services
        roster.plan = next
        roster.isPolicyRefused = false
        facts.memory.resetConfirmations()
        roster.services = next.services.map { plan in
            let known = leaving.first {
                $0.name == plan.service.name && $0.plan.service.endpoint == plan.service.endpoint
            }
            guard let known else { return begin(plan) }
            carryOver(known, to: plan, under: previous)
            return known
        }
        for service in leaving where !roster.services.contains(where: { $0 === service }) {
            withdrawals.withdrawUnsent(service, reason: "the policy dropped its service")
            service.retire(under: previous)
            roster.retired.append(service)
        }
        retireUnknownPartitions(kept)
        dropUnwatched()
        proofs.resume()
    }

    /// The file on disk is refused: nothing is cancelled until it is mended.
    func refuse() {
        roster.isPolicyRefused = true
        for service in roster.services {
            withdrawals.withdrawUnsent(service, reason: "the policy file on disk is refused")
        }
    }

    private func begin(_ plan: ServicePlan) -> LiveService {
        let now = facts.now.instant
        let first = now.advanced(by: roster.chance(LiveService.jitterMax(under: plan)))
        return connected(
            roster.makeService(plan, roster.makePartitions(plan, at: first), at: now))
    }

    private func connected(_ service: LiveService) -> LiveService {
        facts.connect(service.id, service.plan.service)
        return service
    }

    /// Parents that are no longer in the policy go on as a service of their own.
    private func carryOver(
        _ service: LiveService, to next: ServicePlan, under verify: VerifySettings
    ) {
        withdrawals.withdrawUnsent(service, reason: "the policy changed")
        let now = facts.now.instant
        let old = service.plan
        if !next.service.isReached(like: old.service) { facts.connect(service.id, next.service) }
        let leaving = service.adopt(next, roster.makePartitions(next, at: now), at: now)
        guard !leaving.isEmpty else { return }
        let rest = connected(roster.makeService(old, leaving, at: now))
        rest.retire(under: verify)
        roster.retired.append(rest)
    }

    // MARK: What nobody watches

    /// Open cancels of partitions that no service here has: their policy's text is kept.
    private func retireUnknownPartitions(_ kept: [PolicyHash: KeptPolicy]) {
        for (ref, intent) in facts.openIntents {
            let partition = facts.state.partition(ref)
            guard roster.owner(of: partition) == nil else { continue }
            switch kept[intent.policy] {
            case .policy(let policy)?:
                if let service = retiredService(of: partition, under: policy) {
                    roster.retired.append(service)
                } else {
                    tellUnprovable(intent, partition, "does not name its parent")
                }
            case .missing(let path)?:
                tellUnprovable(intent, partition, "is not kept as \(path)")
            case nil: tellUnprovable(intent, partition, "is not kept")
            }
        }
    }

    private func tellUnprovable(
        _ intent: JournalRecord.Intent, _ partition: Partition, _ why: String
    ) {
        let label = OperationLabel(service: partition.service, operation: intent.operation.name)
        facts.note(
            .error, of: label,
            "its cancel cannot be proven, the policy that it began under \(why)")
    }

    private func retiredService(
        of partition: Partition, under policy: Policy
    ) -> LiveService? {
        let index = policy.services.firstIndex {
            $0.name == partition.service && $0.endpoint == partition.endpoint
                && $0.parents.contains(partition.parent)
        }
        guard let index else { return nil }
        let now = facts.now.instant
        let plan = ServicePlan(policy, serviceIndex: index)
        let partitions = roster.makePartitions(plan, at: now)
            .filter { $0.partition == partition }
        let service = connected(roster.makeService(plan, partitions, at: now))
        service.retire(under: policy.verify)
        return service
    }

    /// Closes what no partition of the policy watches and no open cancel keeps. Where only the name
    /// of the service has changed, all that is known of its operations goes on.
    private func dropUnwatched() {
        let known = Set(
            roster.services.flatMap { $0.partitions.all.map(\.partition) })
        for ref in facts.state.operations {
            let partition = facts.state.partition(ref)
            guard !known.contains(partition), facts.state.cancel(ref)?.isOpen != true else {
                continue
            }
            let operation = facts.state.identity(ref)
            if let next = roster.heir(of: partition) {
                facts.recordQuietly(.moved(operation, to: next))
            } else if !isVerdictKept(ref) {
                facts.recordQuietly(.dropped(operation))
            }
        }
    }

    /// `refused` and `defied` are not forgotten when a parent leaves the policy for a while.
    private func isVerdictKept(_ ref: Facts.OperationRef) -> Bool {
        guard case .ended(_, let at)? = facts.state.cancel(ref)?.state else { return false }
        return facts.now.wall.duration(since: at) < Self.verdictMemory
    }

    /// After so long nobody brings the parent back.
    private static let verdictMemory = Duration.seconds(7 * 86_400)

    /// Lets retired services go that have nothing open any more, and closes what they leave.
    func dropRetired() {
        guard !roster.retired.isEmpty else { return }
        let owners = facts.state.openCancels.compactMap {
            roster.owner(of: facts.state.partition($0))
        }
        let ended = roster.retired.filter { service in
            service.attempt.isIdle && !owners.contains { $0 === service }
        }
        guard !ended.isEmpty else { return }
        roster.retired.removeAll { service in ended.contains { $0 === service } }
        for service in ended { facts.connect(service.id, nil) }
        dropUnwatched()
    }
}

extension WatchedService {
    /// Whether a client of the other one does for it, with the token that it has.
    fileprivate func isReached(like other: WatchedService) -> Bool {
        name == other.name && endpoint == other.endpoint && credentials == other.credentials
            && network == other.network
    }
}
