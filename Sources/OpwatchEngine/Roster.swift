import OpwatchCore
import WireFormat

/// The policy in force and the services that it watches, with those that it dropped while a cancel
/// of theirs was not proven.
final class Roster {
    var plan: PolicyPlan
    /// The file on disk is refused: the policy in force goes on, the gate is shut.
    var isPolicyRefused = false
    var services: [LiveService] = []
    var retired: [LiveService] = []
    /// Open cancels that nobody here can prove, because their policy is not kept.
    var unprovableCount = 0
    private var lastService = 0
    private var lastPartition: UInt32 = 0
    private var lastWalk: UInt32 = 0
    private var jitter: Jitter

    init(_ plan: PolicyPlan, jitter: Jitter) {
        self.plan = plan
        self.jitter = jitter
    }

    var all: [LiveService] { services + retired }

    func service(_ id: ServiceID) -> LiveService? { all.first { $0.id == id } }

    /// The service that watches a partition, or did.
    func owner(of partition: Partition) -> LiveService? {
        services.first { $0.partitions.id(of: partition) != nil }
            ?? retired.first { $0.partitions.id(of: partition) != nil }
    }

    /// The partition of the policy that lists the same place under another name of its service.
    func heir(of partition: Partition) -> Partition? {
        for service in services where service.plan.service.endpoint == partition.endpoint {
            let place = Partition(
                service: service.name, endpoint: partition.endpoint, parent: partition.parent)
            if service.partitions.id(of: place) != nil { return place }
        }
        return nil
    }

    /// How the cancels of a service are proven: a dropped one's by the settings it had.
    func verifySettings(_ service: LiveService) -> VerifySettings {
        service.retiredVerify ?? plan.policy.verify
    }

    /// What became of an operation, for the canaries that wait for it: of the service that asked,
    /// and of what the policy dropped of it.
    func changeCanaries(_ change: (inout Canary) -> Void) {
        for service in all { change(&service.rails.canary) }
    }

    // MARK: New ones

    /// Tells a walk from all others, so that an answer finds the one that asked and no other.
    func nextWalk() -> UInt32 {
        lastWalk &+= 1
        return lastWalk
    }

    /// A random time from zero to the most that chance may add.
    func chance(_ most: Duration) -> Duration { jitter.next(most) }

    func makeService(
        _ plan: ServicePlan, _ partitions: [LivePartition], at now: ContinuousClock.Instant
    ) -> LiveService {
        lastService += 1
        return LiveService(ServiceID(number: lastService), plan, partitions, at: now)
    }

    /// The parents of a plan; the first polls of the first few at once, the others spread over an
    /// interval.
    func makePartitions(
        _ plan: ServicePlan, at now: ContinuousClock.Instant
    ) -> [LivePartition] {
        let (partitions, interval) = (plan.partitions, plan.service.interval)
        return partitions.enumerated().map { index, partition in
            let late = max(0, index + 1 - LanePriority.list.inFlightMax)
            lastPartition += 1
            return LivePartition(
                PartitionID(number: lastPartition), partition,
                nextPollAt: now.advanced(by: interval * late / partitions.count))
        }
    }
}

/// What chance adds to times, so that daemons of a fleet that were started together do not knock
/// together.
package struct Jitter: Sendable {
    /// nil: nothing.
    private var state: UInt64?

    /// Adds nothing.
    package static let none = Jitter(state: nil)

    private init(state: UInt64?) {
        self.state = state
    }

    /// The same times for the same seed.
    package init(seed: UInt64) {
        self.init(state: seed)
    }

    /// From zero to the most, both included.
    mutating func next(_ most: Duration) -> Duration {
        guard let known = state else { return .zero }
        // Splitmix64: small, and good enough to spread polls.
        let next = known &+ 0x9E37_79B9_7F4A_7C15
        state = next
        var value = (next ^ (next >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        value ^= value >> 31
        return most * (Double(value >> 11) / Double(1 << 53))
    }
}
