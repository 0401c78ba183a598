import OpwatchCore
import OpwatchReports
import WireFormat

/// What follows a poll that was complete, partial, or failed.
struct PollEnds {
    let facts: Facts
    let turns: CandidateTurns
    let breakers: Breakers
    let absences: Absences

    func completed(_ service: LiveService, _ id: PartitionID, at now: Timestamp) {
        guard let before = service.partitions[id], let walk = before.walk else { return }
        let instant = facts.now.instant
        let isAfterGap = before.isWalkAfterGap(service.gapMax)
        if isAfterGap { facts.pauseStalls(of: before.partition) }
        let number =
            service.partitions.update(id) {
                $0.complete(isAfterGap: isAfterGap, at: instant, now)
            } ?? 0
        service.endThrottling()
        let completion = walk.poll.finish(
            number: number, in: facts.state, memory: &facts.memory)
        if before.isInTrouble { facts.tell(.pollRecovered(before.partition)) }
        noticeFilterDrop(walk.poll, service, id)
        noticeIdleRules(walk, service, id)
        noticePace(service, id)
        service.pageSize.polled()
        for stalling in completion.stallings { facts.record(stalling, of: service.plan) }
        let isWarnOnly = before.isWarnOnly || isAfterGap
        objectToAbsence(in: walk, service, id)
        turns.queue(isWarnOnly ? [] : completion.candidates, service, id)
        breakers.judgeShare(completion.candidates, service, id, at: now)
        absences.fetchAbsent(completion.absent, service, number: number)
        absences.fetchDoubted(completion.doubted, service)
        // A clock that is wrong must not make the hourly budget forget.
        if service.rails.clock == .agrees { facts.prune(at: now) }
        facts.lastPoll = now
    }

    /// A complete poll that does not list the operation of the cancel in hand begins its row anew,
    /// also where the next one lists it again before the GET is answered.
    private func objectToAbsence(
        in walk: LivePartition.Walk, _ service: LiveService, _ id: PartitionID
    ) {
        guard let queued = service.attempt.subject?.queued, queued.partition == id else { return }
        let candidate = queued.candidate
        let listed = facts.memory.listedIn(candidate.operation, serial: candidate.serial)
        if listed != walk.poll.walk { service.attempt.object(.notListed) }
    }

    func partial(_ service: LiveService, _ id: PartitionID) {
        guard let partition = service.partitions[id] else { return }
        let places = UnreachablePlaces(
            named: partition.walk?.pages.unreachable ?? [],
            count: partition.walk?.pages.unreachableCount ?? 0)
        let trouble = PollTrouble(.partial, places.description)
        let wall = facts.now.wall
        if service.partitions.update(id, { $0.fail(trouble, at: wall) }) == true {
            facts.tell(.pollPartial(partition.partition, places))
        }
        facts.pauseStalls(of: partition.partition)
    }

    func failed(_ service: LiveService, _ id: PartitionID, _ trouble: PollTrouble) {
        guard let partition = service.partitions[id] else { return }
        let now = facts.now
        if service.partitions.update(id, { $0.fail(trouble, at: now.wall) }) == true {
            let next = partition.pausedUntil.flatMap { until in
                until > now.instant
                    ? now.wall.advanced(by: now.instant.duration(to: until)) : nil
            }
            facts.tell(.pollFailed(partition.partition, reason: trouble.reason, next: next))
        }
        facts.pauseStalls(of: partition.partition)
    }

    // MARK: Worth a word

    /// Says once which interval is really kept, where the one wanted is not: because the pace does
    /// not allow it, or because the service is slow.
    private func noticePace(_ service: LiveService, _ id: PartitionID) {
        guard !service.isPaceReported, let partition = service.partitions[id] else { return }
        let interval = service.plan.service.interval
        let perMinute = service.plan.service.requestsPerMinute
        let taken = partition.lastWalkTime
        let text: String
        let kept = service.paceInterval
        if let requests = service.partitions.requestsOfRound, kept > interval {
            text =
                "\(service.name): a poll of all parents takes \(requests) requests, and "
                + "requests_per_minute: \(perMinute) lets each be polled every "
                + "\(DurationText.short(kept)), not every \(DurationText.short(interval))"
        } else if taken > interval * 3 {
            text =
                "\(service.name) \(partition.partition.parent): a poll takes "
                + "\(DurationText.short(.seconds(taken.components.seconds))), so the interval of "
                + "\(DurationText.short(interval)) is not kept"
        } else {
            return
        }
        service.isPaceReported = true
        facts.note(.warning, text)
    }

    /// A rule that matches nothing is worth a word: an `ignore` rule then protects nothing, and one
    /// that reads what no operation has may be misspelt.
    private func noticeIdleRules(
        _ walk: LivePartition.Walk, _ service: LiveService, _ id: PartitionID
    ) {
        let poll = walk.poll
        guard poll.liveCount > 0 else { return }
        for (position, rule) in poll.plan.rules.map(\.rule).enumerated()
        where poll.matchCounts[position] == 0 {
            let isReadable = rule.match == nil || walk.readableRules.contains(position)
            guard rule.action == .ignore || !isReadable,
                service.partitions.update(
                    id, { $0.reportedIdleRules.insert(rule.name).inserted }) == true
            else { continue }
            let start =
                "\(service.name) \(poll.partition.parent): the \(rule.action.rawValue) rule "
            facts.note(
                isReadable ? .info : .warning,
                start + "\(rule.name) matches none of \(poll.liveCount) live operations"
                    + (isReadable ? "" : "; none of them has what it reads"))
        }
    }

    private func noticeFilterDrop(_ poll: Poll, _ service: LiveService, _ id: PartitionID) {
        let dropsAll = poll.runningCount > 0 && poll.filteredCount == poll.runningCount
        if dropsAll, service.partitions[id]?.isFilterDropReported == false {
            facts.tell(.filterDropsAll(poll.partition, count: poll.runningCount))
        }
        service.partitions.update(id) { $0.isFilterDropReported = dropsAll }
    }
}
