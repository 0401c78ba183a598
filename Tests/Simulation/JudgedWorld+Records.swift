import OpwatchCore
import WireFormat

extension JudgedWorld {
    /// The record is durable from now on.
    mutating func keep(_ record: JournalRecord) {
        switch record {
        case .seen(let seen): track(seen)
        case .warned(let warned): keep(warned)
        case .started(let identity): change(identity) { $0.isStarted = true }
        case .stalling(let stalling):
            if let life = tracked(stalling.operation)?.life { lives[life].row.keepObserved() }
        case .wouldCancel(let would): change(would.operation) { $0.wouldCancel.append(would) }
        case .unlisted(let identity): change(identity) { $0.isUnlisted = true }
        case .relisted(let identity): change(identity) { $0.isUnlisted = false }
        case .finished(let identity, _), .vanished(let identity), .dropped(let identity):
            close(identity)
        case .moved(let identity, let partition): move(identity, to: partition)
        case .intent(let intent):
            keep(intent)
            // What held it back is over; another deferral is another state.
            change(intent.operation) { $0.isDeferred = false }
        case .withdrawn(let id, _): withdraw(id)
        case .asked(let id, let http, _, _):
            intents[id]?.isAskedDurable = true
            if http != 0 { intents[id]?.isAnswerDurable = true }
        case .verdict(let identity, let id, let verdict, let isLate, _, _):
            prove(identity, id, verdict, isLate: isLate)
        case .breaker(let name, let cause, _):
            let service = place(ofService: name)
            if let cause {
                services[service].open(
                    cause.kind, wasHeld: heldSince != nil, at: heldSince ?? now)
            } else {
                services[service].close()
            }
        case .unsupported(let endpoint, let collection, let type, _):
            unsupported.append(
                .init(endpoint: endpoint, collection: collection, type: type, at: now))
        case .damage:
            isDamaged = true
            wasDamaged = true
        case .damageAccepted: isDamaged = false
        case .deferred(let identity, _): change(identity) { $0.isDeferred = true }
        case .open, .close, .policy, .failedCancels, .spent, .unknown: break
        }
    }

    /// What is tracked under that name by durable records.
    func tracked(_ identity: OperationIdentity) -> TrackedLife? { name(identity)?.tracked }

    private mutating func change(
        _ identity: OperationIdentity, _ change: (inout TrackedLife) -> Void
    ) {
        let name = place(ofName: identity)
        if var tracked = names[name].tracked {
            change(&tracked)
            names[name].tracked = tracked
        }
    }

    private mutating func track(_ seen: JournalRecord.Seen) {
        let identity = OperationIdentity(endpoint: seen.partition.endpoint, name: seen.name)
        let name = place(ofName: identity)
        let life =
            seen.isCreation ? self.life(of: name, created: seen.since) : names[name].lastShown
        names[name].tracked = TrackedLife(
            life: life ?? names[name].lastShown ?? names[name].lives.last,
            partition: seen.partition, since: seen.since, isCreation: seen.isCreation,
            isStarted: seen.isStarted)
        if let place = names[name].tracked?.life {
            // What was dropped, or passed for gone, is watched again.
            lives[place].isClosed = false
        }
        assign(name, to: seen.partition)
    }

    /// The youngest operation of that name and creation time.
    private func life(of name: Int, created: Timestamp) -> Int? {
        names[name].lives.last { lives[$0].operation.created.isSameInstant(as: created) }
    }

    /// The polls of that partition count for it from now on.
    private mutating func assign(_ name: Int, to partition: Partition) {
        guard let life = names[name].tracked?.life,
            let place = place(ofPartition: partition.service, partition.parent)
        else { return }
        lives[life].row.partition = place
    }

    private mutating func move(_ identity: OperationIdentity, to partition: Partition) {
        change(identity) { $0.partition = partition }
        assign(place(ofName: identity), to: partition)
    }

    private mutating func keep(_ warned: JournalRecord.Warned) {
        guard warned.isNotice,
            let rule = rule(named: warned.rule, timeout: warned.timeout, of: warned.clock)
        else { return }
        change(warned.operation) { tracked in
            // One for each rule and clock is enough: the latest.
            tracked.notices.removeAll {
                $0.rule.name == rule.name && $0.warned.clock == warned.clock
            }
            tracked.notices.append(.init(rule: rule, warned: warned))
        }
    }

    private mutating func close(_ identity: OperationIdentity) {
        let name = place(ofName: identity)
        guard let tracked = names[name].tracked else { return }
        if let life = tracked.life { lives[life].isClosed = true }
        for id in tracked.openIntents { intents[id]?.end() }
        openIntents.removeAll { tracked.openIntents.contains($0) }
        names[name].tracked = nil
    }

    private mutating func keep(_ intent: JournalRecord.Intent) {
        let name = place(ofName: intent.operation)
        let tracked = names[name].tracked
        let life = self.life(of: name, created: intent.created) ?? tracked?.life
        let first = tracked?.openIntents.first.flatMap { intents[$0] }
        intents[intent.id] = IntentLife(
            record: intent, life: life, daemon: daemon, durableAt: now,
            poll: life.flatMap { lives[$0].row.poll },
            within: first?.within ?? policy?.verifyWithin ?? .zero,
            attempts: first?.attempts ?? policy?.verifyAttempts ?? 0)
        lastIntent = max(intent.id, lastIntent ?? intent.id)
        openIntents.append(intent.id)
        change(intent.operation) {
            $0.intents.append(intent.id)
            $0.openIntents.append(intent.id)
        }
        names[name].intend(at: now)
        if let life { lives[life].intents.append(intent.id) }
    }

    private mutating func withdraw(_ id: IntentID) {
        guard let intent = intents[id] else { return }
        intents[id]?.withdraw()
        openIntents.removeAll { $0 == id }
        change(intent.record.operation) { $0.openIntents.removeAll { $0 == id } }
    }

    private mutating func prove(
        _ identity: OperationIdentity, _ id: IntentID?, _ verdict: Verdict, isLate: Bool
    ) {
        let name = place(ofName: identity)
        names[name].lastVerdict = verdict
        names[name].verdicts.insert(verdict)
        let open = names[name].tracked?.openIntents ?? []
        for one in open { intents[one]?.prove(verdict) }
        openIntents.removeAll { open.contains($0) }
        if let id, let intent = intents[id], !isLate { count(verdict, of: intent) }
        if let life = id.flatMap({ intents[$0]?.life }) ?? names[name].tracked?.life {
            if verdict.leavesRunning {
                lives[life].settled = verdict
            } else {
                lives[life].isClosed = true
            }
        }
        if verdict.leavesRunning {
            change(identity) {
                $0.settled = verdict
                $0.openIntents = []
            }
        } else {
            names[name].tracked = nil
        }
    }

    /// "Refused or defied in a row; UNIMPLEMENTED does not count."
    private mutating func count(_ verdict: Verdict, of intent: IntentLife) {
        let service = place(ofService: intent.record.service)
        guard verdict.leavesRunning else { return services[service].succeed() }
        guard intent.answer != .error("UNIMPLEMENTED") else { return }
        services[service].fail(limit: policy?.maxFailedCancels ?? 0)
    }
}
