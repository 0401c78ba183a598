import OperationsClient
import OpwatchCore
import OpwatchJournal
import OpwatchPolicy
import OpwatchSystemd
import WireFormat

extension Watcher {
    // MARK: The policy file again

    /// Reads the policy file again; a bad one shuts the gate and changes nothing else.
    func reload() {
        guard stopBy == nil else { return }
        manager.reloading(status: "Reloading \(configuration.policyPath)")
        do throws(PolicyErrors) {
            let loaded = try PolicyFile.load(path: configuration.policyPath)
            refusal = nil
            accept(loaded)
        } catch {
            refusal = error
            for service in services {
                withdrawUnsent(service, reason: "the policy file on disk is refused")
            }
            for problem in error.problems {
                reporter.note(
                    problem.severity == .error ? .error : .warning, problem.description)
            }
            reporter.report(
                .policyRefused(
                    error, path: configuration.policyPath, inForce: plan.policy.hash))
        }
        // Whoever reloads wants to see what is so now.
        for service in services { service.endPauses(at: dependencies.instant()) }
        manager.ready(status: status.sent(statusText(), at: dependencies.instant()))
    }

    /// Puts a valid policy in force; the one in force already stays as it is.
    private func accept(_ loaded: LoadedPolicy) {
        for warning in loaded.warnings { reporter.note(.warning, warning.description) }
        if loaded.policy.hash != plan.policy.hash {
            record(loaded)
            adopt(PolicyPlan(loaded.policy), at: dependencies.instant())
        }
        reporter.report(.policyLoaded(loaded.policy, path: configuration.policyPath))
        if loaded.policy.services.isEmpty {
            reporter.report(.nothingToWatch(path: configuration.policyPath))
        }
    }

    /// Journals a policy and keeps its text, so that an auditor finds what was in force and open
    /// cancels can be proven under it.
    func record(_ loaded: LoadedPolicy) {
        let policy = loaded.policy
        unkeptPolicy = loaded
        keepPolicyText()
        let accepted = WatchState.AcceptedPolicy(
            hash: policy.hash, mode: policy.mode, semantics: Policy.semantics)
        guard state.policy != accepted else { return }
        let record = JournalRecord.policy(
            hash: policy.hash, mode: policy.mode, semantics: Policy.semantics)
        applyToState(record)
        commit(Batch(records: [record]))
    }

    /// Keeps the text of the policy, where that has not been done or has failed before.
    func keepPolicyText() {
        guard let unkept = unkeptPolicy else { return }
        do throws(JournalError) {
            try journal.storePolicyText(Array(unkept.text.utf8), hash: unkept.policy.hash)
            unkeptPolicy = nil
        } catch {
            reporter.note(.warning, "the text of the policy could not be kept: \(error)")
        }
    }

    // MARK: Services come and go

    /// Watches by this plan from now on. A service that stays keeps its requests and breaker.
    func adopt(_ next: PolicyPlan, at now: ContinuousClock.Instant) {
        let previous = plan.policy.verify
        let leaving = services
        plan = next
        memory.resetConfirmations()
        services = next.services.map { plan in
            let known = leaving.first {
                $0.name == plan.service.name && $0.plan.service.endpoint == plan.service.endpoint
            }
            guard let known else { return makeService(plan, at: now) }
            carryOver(known, to: plan, under: previous, at: now)
            return known
        }
        for service in leaving where !services.contains(where: { $0 === service }) {
            withdrawUnsent(service, reason: "the policy dropped its service")
            service.retire(under: previous)
            retired.append(service)
        }
        retireUnknownPartitions()
        dropUnwatched()
        resumeLooks(at: now)
    }

    private func makeService(
        _ plan: ServicePlan, at now: ContinuousClock.Instant
    ) -> ServiceWatch {
        lastServiceID += 1
        return ServiceWatch(
            id: lastServiceID, plan: plan, client: makeClient(plan.service),
            firstPollAt: now.advanced(by: dependencies.jitter(jitterMax(plan.service))), at: now)
    }

    private func makeClient(_ service: WatchedService) -> OperationsClient {
        let mailbox = mailbox
        return dependencies.makeClient(service) { transition in
            mailbox.send(.credentials(service: service.name, transition))
        }
    }

    /// Parents that are no longer in the policy go on as a service of their own.
    private func carryOver(
        _ service: ServiceWatch, to next: ServicePlan, under verify: VerifySettings,
        at now: ContinuousClock.Instant
    ) {
        withdrawUnsent(service, reason: "the policy changed")
        let old = service.plan
        let client =
            next.service.isReached(like: old.service)
            ? service.client : makeClient(next.service)
        let leaving = service.adopt(next, client: client, at: now)
        guard !leaving.isEmpty else { return }
        let rest = makeService(old, at: now)
        rest.setPartitions(leaving)
        rest.retire(under: verify)
        retired.append(rest)
    }

    /// Open cancels of partitions that no service here has: their policy's text is in the journal.
    private func retireUnknownPartitions() {
        for ref in state.openCancels where owner(of: ref) == nil {
            let partition = state.partition(ref)
            guard let hash = state.cancel(ref)?.intent.policy else { continue }
            let path = PolicyStore.path(of: hash, in: configuration.stateDirectory)
            guard let service = retiredService(of: partition, policyPath: path) else {
                reporter.note(
                    .error,
                    "\(partition.service) \(state.identity(ref).name): its cancel cannot be "
                        + "proven, the policy that it began under is not kept as \(path)")
                continue
            }
            retired.append(service)
        }
    }

    private func retiredService(
        of partition: Partition, policyPath path: String
    ) -> ServiceWatch? {
        do throws(PolicyErrors) {
            let policy = try PolicyFile.load(path: path).policy
            let index = policy.services.firstIndex {
                $0.name == partition.service && $0.endpoint == partition.endpoint
                    && $0.parents.contains(partition.parent)
            }
            guard let index else { return nil }
            let service = makeService(
                ServicePlan(policy, serviceIndex: index), at: dependencies.instant())
            service.setPartitions(service.partitions.filter { $0.partition == partition })
            service.retire(under: policy.verify)
            return service
        } catch {
            return nil
        }
    }

    /// Closes what no partition of the policy watches and no open cancel keeps. Where only the name
    /// of the service has changed, all that is known of its operations goes on.
    private func dropUnwatched() {
        let known = Set(services.flatMap { $0.partitions.map(\.partition) })
        var records: [JournalRecord] = []
        for ref in state.operations {
            let partition = state.partition(ref)
            guard !known.contains(partition), state.cancel(ref)?.isOpen != true else { continue }
            let operation = state.identity(ref)
            let next = heir(of: partition)
            if next == nil, isVerdictKept(ref) { continue }
            let record = next.map { JournalRecord.moved(operation, to: $0) } ?? .dropped(operation)
            if applyToState(record) { records.append(record) }
        }
        commit(Batch(records: records))
    }

    /// The partition of the policy that lists the same place under another name of its service.
    func heir(of partition: Partition) -> Partition? {
        for service in services where service.plan.service.endpoint == partition.endpoint {
            let place = Partition(
                service: service.name, endpoint: partition.endpoint, parent: partition.parent)
            if service.partitionIndex(place) != nil { return place }
        }
        return nil
    }

    /// `refused` and `defied` are not forgotten when a parent leaves the policy for a while.
    private func isVerdictKept(_ ref: WatchState.OperationRef) -> Bool {
        guard case .ended(_, let at)? = state.cancel(ref)?.state else { return false }
        return dependencies.now().duration(since: at) < Self.verdictMemory
    }

    /// After so long nobody brings the parent back.
    private static let verdictMemory = Duration.seconds(7 * 86_400)

    /// Lets retired services go that have nothing open any more, and closes what they leave.
    func dropRetired() {
        guard !retired.isEmpty else { return }
        let owners = state.openCancels.compactMap { owner(of: $0) }
        let count = retired.count
        retired.removeAll { service in
            service.attempt == nil && !owners.contains { $0 === service }
        }
        if retired.count < count { dropUnwatched() }
    }

    /// The longest time between two complete polls of a parent that is no gap: three intervals,
    /// where the pace allows the interval.
    func gapMax(_ service: ServiceWatch) -> Duration {
        max(service.plan.service.interval, service.paceInterval) * 3
    }
}

extension WatchedService {
    /// Whether a client of the other one does for it, with the token that it has.
    fileprivate func isReached(like other: WatchedService) -> Bool {
        name == other.name && endpoint == other.endpoint && credentials == other.credentials
            && network == other.network
    }
}
