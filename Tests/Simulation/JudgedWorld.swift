import OpwatchCore
import WireFormat

/// All that the judge knows at a moment of a run: the truth, what the daemon was shown, what it
/// wrote and what it did. Absorbs observations, judges nothing.
struct JudgedWorld: Sendable {
    /// True time.
    var now = Timestamp.earliest
    private(set) var clockOffset = Duration.zero
    private(set) var policy: SimulatedPolicy?
    /// All that were ever in force, in order, each once in a row.
    private(set) var policies: [SimulatedPolicy] = []
    /// Counts policies that differ from the one before.
    private(set) var policyNumber = 0
    private(set) var policySince = Timestamp.earliest
    private(set) var policyRefusedAt: Timestamp?
    private var hasPolicySinceStart = false

    /// Counts the starts of the daemon.
    private(set) var daemon = 0
    private(set) var isUp = false
    private(set) var startedAt = Timestamp.earliest
    private(set) var healedAt: Timestamp?

    /// In the order of birth.
    var lives: [TrueLife] = []
    var places: [Int: Int] = [:]
    var names: [NameView] = []
    private var placesOfNames: [OperationIdentity: Int] = [:]
    private var identitiesOfName: [String: [Int]] = [:]
    var partitions: [PartitionView] = []
    var services: [ServiceView] = []
    var endpoints: [EndpointView] = []

    var intents: [IntentID: IntentLife] = [:]
    var lastIntent: IntentID?
    /// In the order of their numbers.
    var openIntents: [IntentID] = []
    /// Which the gate let go in about the last two hours.
    var recentPosts: [IntentID] = []
    var gets: [UInt64: PendingGet] = [:]
    var unsupported: [UnsupportedKind] = []
    /// The journal was damaged and nobody has accepted that yet.
    var isDamaged = false
    /// Something durable was lost once: what is missing since proves nothing.
    var wasDamaged = false
    /// When the first of the records could not be written that still wait; nil where none do.
    var heldSince: Timestamp?
    /// When something was told last that names no operation.
    var toldGenerallyAt: Timestamp?

    /// A GET under way.
    struct PendingGet: Sendable {
        let name: Int
        let sentAt: Timestamp
        var date = NameView.DateTold.untold
    }

    /// Cancel is not implemented for what is named under the collection.
    struct UnsupportedKind: Sendable {
        let endpoint: Endpoint
        let collection: String
        /// nil: of all types.
        let type: String?
        let at: Timestamp
    }

    /// What the gate went by, with its number. "Tolerated race: a policy change after the permit's
    /// last check": one of this very moment does not count yet.
    var gate: (policy: SimulatedPolicy, number: Int)? {
        guard let policy else { return nil }
        guard policySince == now, let before = policies.dropLast().last else {
            return (policy, policyNumber)
        }
        return (before, policyNumber - 1)
    }

    // MARK: Places

    func place(ofPartition service: String, _ parent: String) -> Int? {
        partitions.firstIndex { $0.service == service && $0.parent == parent }
    }

    mutating func place(ofService name: String) -> Int {
        if let place = services.firstIndex(where: { $0.name == name }) { return place }
        services.append(ServiceView(name))
        return services.count - 1
    }

    func service(_ name: String) -> ServiceView {
        services.first { $0.name == name } ?? ServiceView(name)
    }

    mutating func place(ofEndpoint endpoint: String) -> Int {
        if let place = endpoints.firstIndex(where: { $0.endpoint == endpoint }) { return place }
        endpoints.append(EndpointView(endpoint))
        return endpoints.count - 1
    }

    func endpoint(_ endpoint: String) -> EndpointView {
        endpoints.first { $0.endpoint == endpoint } ?? EndpointView(endpoint)
    }

    mutating func place(ofName identity: OperationIdentity) -> Int {
        if let place = placesOfNames[identity] { return place }
        names.append(NameView(identity))
        placesOfNames[identity] = names.count - 1
        identitiesOfName[identity.name, default: []].append(names.count - 1)
        return names.count - 1
    }

    func name(_ identity: OperationIdentity) -> NameView? {
        placesOfNames[identity].map { names[$0] }
    }

    /// Whether what is tracked by the name, or what was shown by it last, was shown otherwise than
    /// it is.
    func isShownOddly(_ identity: OperationIdentity) -> Bool {
        guard let name = name(identity) else { return false }
        return [name.tracked?.life, name.lastShown].contains { life in
            life.map { lives[$0].wasShownOddly } ?? false
        }
    }

    /// All of that name, at whatever endpoint.
    func places(ofName name: String) -> [Int] { identitiesOfName[name] ?? [] }

    /// The operation that truly has the name now.
    func trueLife(of identity: OperationIdentity) -> TrueLife? {
        guard let last = name(identity)?.lives.last, lives[last].goneAt == nil else { return nil }
        return lives[last]
    }

    // MARK: The truth

    mutating func bear(_ operation: TrueOperation) {
        let identity = OperationIdentity(
            endpoint: Endpoint(operation.endpoint), name: operation.name)
        let name = place(ofName: identity)
        lives.append(TrueLife(operation, name: name, at: now))
        places[operation.number] = lives.count - 1
        names[name].lives.append(lives.count - 1)
    }

    /// Changes the operation of that number.
    mutating func live(_ number: Int, _ change: (inout TrueLife) -> Void) {
        guard let place = places[number] else { return }
        change(&lives[place])
    }

    /// "A jump of the local clock": one by more than the clocks may differ. From which size on a
    /// jump counts is left open.
    mutating func setClock(off offset: Duration) {
        let jump = offset - clockOffset
        clockOffset = offset
        guard max(jump, .zero - jump) > Limits.clockDifferenceMax else { return }
        for place in partitions.indices { partitions[place].clockJumped(at: now) }
    }

    mutating func heal() { healedAt = now }

    mutating func hold() { heldSince = heldSince ?? now }

    // MARK: The daemon

    /// "A restart loses confirmations, pauses, calm rounds and the canary."
    mutating func startDaemon() {
        daemon += 1
        isUp = true
        startedAt = now
        policyRefusedAt = nil
        heldSince = nil
        hasPolicySinceStart = false
        gets.removeAll(keepingCapacity: true)
        for place in partitions.indices { partitions[place].startAnew() }
        for place in lives.indices { lives[place].row.forgetVolatile() }
        for place in names.indices { names[place].forgetVolatile() }
        for place in services.indices { services[place].forgetVolatile() }
        for id in openIntents { intents[id]?.outliveDaemon() }
    }

    mutating func killDaemon() { isUp = false }

    mutating func refusePolicy() { policyRefusedAt = policyRefusedAt ?? now }

    mutating func enforce(_ accepted: SimulatedPolicy) {
        policyRefusedAt = nil
        let isAfterReload = hasPolicySinceStart
        hasPolicySinceStart = true
        if accepted != policy {
            policy = accepted
            policies.append(accepted)
            policyNumber += 1
            policySince = now
            for place in services.indices { services[place].isProven = false }
        }
        let before = partitions.map(\.isWatched)
        for place in partitions.indices { partitions[place].isWatched = false }
        for service in accepted.services {
            for parent in service.parents {
                let fresh = PartitionView(
                    service: service, parent: parent, isFresh: isAfterReload)
                guard let place = place(ofPartition: service.name, parent) else {
                    partitions.append(fresh)
                    continue
                }
                if before.indices.contains(place), before[place],
                    partitions[place].endpoint == service.endpoint
                {
                    partitions[place].isWatched = true
                    partitions[place].interval = service.interval
                } else {
                    partitions[place].watchAnew(like: fresh)
                }
            }
        }
    }

    /// The latest such rule of any policy so far: what was decided under one policy may become
    /// durable under the next.
    func rule(named name: String, timeout: Duration, of clock: Clock) -> SimulatedRule? {
        for policy in policies.reversed() {
            for rule in policy.rules where rule.name == name && rule.timeout(of: clock) == timeout {
                return rule
            }
        }
        return nil
    }

    // MARK: Clocks

    /// "Where `Date` is missing or more than five minutes from the local clock": nil there. Two
    /// seconds more, since the daemon looks at its clock a little later.
    func agreed(_ date: Timestamp?) -> Timestamp? {
        guard let date else { return nil }
        let off = date.duration(since: now.advanced(by: clockOffset))
        let allowed = Limits.clockDifferenceMax + .seconds(2)
        return max(off, .zero - off) <= allowed ? date : nil
    }

    /// The latest server time that an answer of the endpoint can have told, by what its `Date`s
    /// were ahead so far.
    func latestServerTime(of endpoint: String) -> Timestamp {
        now.advanced(by: self.endpoint(endpoint).lead)
    }
}
