import OpwatchCore
import WireFormat

extension JudgedWorld {
    /// A page was handed to the daemon.
    mutating func absorb(_ page: ShownPage) {
        guard let place = place(ofPartition: page.service, page.parent) else { return }
        let date = absorb(date: page.date, of: partitions[place].endpoint)
        let service = self.place(ofService: page.service)
        services[service].seePage(isAgreed: date != nil, at: now)
        let belongs = partitions[place].begin(page, at: now)
        let pageTime = date ?? now.advanced(by: clockOffset)
        for image in page.shown {
            guard let life = places[image.number] else { continue }
            lives[life].show(image)
            names[lives[life].name].lastShown = life
            let own = lives[life].row.partition
            // It belongs to the partition that listed it first, unless that is watched no longer.
            if own.map({ !partitions[$0].isWatched }) ?? true { lives[life].row.partition = place }
            guard belongs, lives[life].row.partition == place else { continue }
            lives[life].row.show(image, date: date, trueTime: now)
            if image.isDone || image.isCancelRequested { lives[life].shownOverAt = now }
            partitions[place].add(
                .init(
                    life: life, image: image, now: pageTime, known: known(image, lives[life].name)))
        }
        guard belongs, page.isLast else { return }
        complete(place, isAgreed: date != nil)
    }

    private func known(_ image: Shown, _ name: Int) -> PartitionView.Known {
        guard let since = names[name].tracked?.since else { return .nothing }
        guard let created = image.created else { return .same }
        guard created > since, !created.isSameInstant(as: since) else { return .same }
        // What is held on a disk that fails may have begun to track it.
        return heldSince == nil ? .other : .nothing
    }

    private mutating func complete(_ place: Int, isAgreed: Bool) {
        let isUnbroken = !partitions[place].wasPartial
        guard let policy,
            let stamp = partitions[place].complete(place: place, policy: policyNumber, at: now)
        else { return }
        for entry in partitions[place].entries {
            lives[entry.life].row.confirm(
                entry, trueTime: now, stamp: stamp, policy: policy, isUnbroken: isUnbroken)
        }
        let service = self.place(ofService: partitions[place].service)
        services[service].seePoll(
            isAgreed: isAgreed, isOver: ShownShare(of: services[service].name, in: self).isOver,
            at: now)
        guard healedAt != nil else { return }
        if services[service].breakerOpenedAt != nil,
            Share(of: services[service].name, in: self).isAbove
        {
            services[service].lastAboveShareAt = now
        }
    }

    /// nil where the clocks disagree.
    private mutating func absorb(date: Timestamp?, of endpoint: String) -> Timestamp? {
        guard let agreed = agreed(date) else { return nil }
        endpoints[place(ofEndpoint: endpoint)].see(agreed, at: now)
        return agreed
    }

    mutating func failPage(service: String, parent: String, walk: UInt32) {
        guard let place = place(ofPartition: service, parent) else { return }
        partitions[place].fail(walk)
    }

    mutating func sendGet(_ request: UInt64, endpoint: String, name: String) {
        let identity = OperationIdentity(endpoint: Endpoint(endpoint), name: name)
        gets[request] = PendingGet(name: place(ofName: identity), sentAt: now)
    }

    mutating func dateGet(_ request: UInt64, _ date: Timestamp?) {
        guard let get = gets[request] else { return }
        let agreed = absorb(date: date, of: names[get.name].identity.endpoint.description)
        gets[request]?.date = agreed.map { .agreed($0) } ?? .disagreed
    }

    mutating func answerGet(_ request: UInt64, _ shown: Shown?) {
        guard let get = gets.removeValue(forKey: request) else { return }
        if let shown, let life = places[shown.number] {
            lives[life].show(shown)
        }
        names[get.name].answer(
            .init(sentAt: get.sentAt, at: now, shown: shown, date: get.date))
    }

    mutating func failGet(_ request: UInt64) { gets[request] = nil }

    /// The gate let the intent go.
    mutating func permit(_ id: IntentID) {
        guard let intent = intents[id] else { return }
        intents[id]?.permit(at: now)
        let old = intent.record.serverTime.advanced(by: .seconds(-7_200))
        recentPosts.removeAll { intents[$0].map { $0.record.serverTime < old } ?? true }
        recentPosts.append(id)
    }

    /// The POST of the intent left.
    mutating func post(_ id: IntentID, to identity: OperationIdentity) {
        let name = place(ofName: identity)
        names[name].lastPosted = id
        guard let intent = intents[id] else { return }
        intents[id]?.post(at: now)
        if let life = intent.life { lives[life].postedAt.append(now) }
    }

    mutating func answerPost(_ id: IntentID, _ answer: PostAnswer) {
        guard let intent = intents[id] else { return }
        intents[id]?.answer(answer, at: now)
        let name = place(ofName: intent.record.operation)
        if answer == .error("NOT_FOUND") { names[name].addNotFound(at: now) }
        let meaning = AnswerMeaning(answer)
        guard meaning != .notSent else { return }
        let service = place(ofService: intent.record.service)
        services[service].answer(meaning, name: name, at: now)
        guard meaning == .accepted else { return }
        // "Or until a cancel of that kind is accepted."
        let type = intent.life.map { lives[$0].operation.type }
        unsupported.removeAll { kind in
            kind.endpoint == intent.record.operation.endpoint
                && kind.collection == intent.record.operation.collection && kind.type == type
        }
    }

    /// Something was told; see `TellingRules`.
    mutating func tell(kind: String?, operation: String?) {
        guard let operation else {
            toldGenerallyAt = now
            return
        }
        guard kind != "cancelAsked" else { return }
        for place in places(ofName: operation) {
            names[place].toldAt = now
            guard kind == "unproven" else { continue }
            for id in names[place].tracked?.openIntents ?? [] {
                intents[id]?.isToldUnproven = true
            }
        }
    }
}
