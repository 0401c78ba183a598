import Glibc
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
            for problem in error.problems { reporter.note(.error, problem.description) }
            reporter.report(
                .policyRefused(
                    error, path: configuration.policyPath, inForce: plan.policy.hash))
        }
        manager.ready(status: statusText())
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

    /// Journals a policy and keeps its text, so that an auditor finds what was in force.
    func record(_ loaded: LoadedPolicy) {
        let policy = loaded.policy
        let accepted = WatchState.AcceptedPolicy(
            hash: policy.hash, mode: policy.mode, semantics: Policy.semantics)
        do throws(JournalError) {
            try journal.storePolicyText(Array(loaded.text.utf8), hash: policy.hash)
        } catch {
            reporter.note(.warning, "the text of the policy could not be kept: \(error)")
        }
        guard state.policy != accepted else { return }
        let record = JournalRecord.policy(
            hash: policy.hash, mode: policy.mode, semantics: Policy.semantics)
        applyToState(record)
        commit(Batch(records: [record]))
    }

    // MARK: Services come and go

    /// Watches by this plan from now on. A service that stays keeps its requests and breaker.
    func adopt(_ next: PolicyPlan, at now: ContinuousClock.Instant) {
        let previous = plan
        let leaving = services
        plan = next
        memory.resetConfirmations()
        services = next.services.map { plan in
            let known = leaving.first {
                $0.name == plan.service.name && $0.plan.service.endpoint == plan.service.endpoint
            }
            return known.map { carryOver($0, plan, at: now) } ?? makeService(plan, at: now)
        }
        for service in leaving where !services.contains(where: { $0 === service }) {
            withdrawUnsent(service, reason: "the policy dropped its service")
            service.verify = previous.policy.verify
            retired.append(service)
        }
        retireUnknownPartitions()
        dropUnwatched()
        dropRetired()
    }

    private func makeService(
        _ plan: ServicePlan, at now: ContinuousClock.Instant
    ) -> ServiceWatch {
        lastServiceID += 1
        return ServiceWatch(
            id: lastServiceID, plan: plan, client: dependencies.makeClient(plan.service), at: now)
    }

    private func carryOver(
        _ old: ServiceWatch, _ plan: ServicePlan, at now: ContinuousClock.Instant
    ) -> ServiceWatch {
        let service = makeService(plan, at: now)
        withdrawUnsent(old, reason: "the policy changed")
        service.breaker = old.breaker
        service.clock = old.clock
        service.clockDifference = old.clockDifference
        service.deniedUntil = old.deniedUntil
        service.cancelPause = old.cancelPause
        for index in service.partitions.indices {
            let partition = service.partitions[index].partition
            guard let known = old.partitionIndex(partition) else { continue }
            service.partitions[index].carryOver(old.partitions[known])
        }
        // What is under way for the old one is let go, but for a POST that has left.
        old.partitions = old.partitions.filter { service.partitionIndex($0.partition) == nil }
        if old.attempt != nil || !old.partitions.isEmpty {
            old.verify = self.plan.policy.verify
            retired.append(old)
        }
        return service
    }

    /// Open cancels of partitions that no service here has: their policy's text is in the journal.
    private func retireUnknownPartitions() {
        for ref in state.openCancels where owner(of: ref) == nil {
            let partition = state.partition(ref)
            guard let hash = state.cancel(ref)?.intent.policy,
                let service = retiredService(of: partition, hash: hash)
            else {
                reporter.note(
                    .error,
                    "\(partition.service) \(state.identity(ref).name): its cancel cannot be "
                        + "proven, the policy that it began under is not kept")
                continue
            }
            retired.append(service)
        }
    }

    private func retiredService(of partition: Partition, hash: PolicyHash) -> ServiceWatch? {
        let path = "\(configuration.stateDirectory)/policies/\(hash).yaml"
        do throws(PolicyErrors) {
            let policy = try PolicyFile.load(path: path).policy
            let index = policy.services.firstIndex {
                $0.name == partition.service && $0.endpoint == partition.endpoint
                    && $0.parents.contains(partition.parent)
            }
            guard let index else { return nil }
            let service = makeService(
                ServicePlan(policy, serviceIndex: index), at: dependencies.instant())
            service.verify = policy.verify
            return service
        } catch {
            return nil
        }
    }

    /// Closes what no partition of the policy watches and no open cancel keeps.
    private func dropUnwatched() {
        let watched = Set(services.flatMap { $0.partitions.map(\.partition) })
        var records: [JournalRecord] = []
        for ref in state.operations {
            guard !watched.contains(state.partition(ref)), state.cancel(ref)?.isOpen != true
            else { continue }
            let record = JournalRecord.dropped(state.identity(ref))
            if applyToState(record) { records.append(record) }
        }
        commit(Batch(records: records))
    }

    /// Lets retired services go whose cancels are all proven, and closes what they leave.
    func dropRetired() {
        guard !retired.isEmpty else { return }
        let open = Set(state.openCancels.map { state.partition($0) })
        retired.removeAll { service in
            service.attempt == nil
                && !service.partitions.contains { open.contains($0.partition) }
        }
        dropUnwatched()
    }
}

extension PartitionWatch {
    /// Keeps what is still true of a partition after its service was changed.
    fileprivate mutating func carryOver(_ old: PartitionWatch) {
        nextPollAt = old.nextPollAt
        continueNumbers(of: old)
        lastComplete = old.lastComplete
        lastCompleteTime = old.lastCompleteTime
        overdueSince = old.overdueSince
        isOverdueReported = old.isOverdueReported
        failure = old.failure
        failedAt = old.failedAt
        isWarnOnly = old.isWarnOnly
        liveCount = old.liveCount
        reportedDuplicates = old.reportedDuplicates
        reportedUntrackable = old.reportedUntrackable
    }
}
