import FilterLanguage
package import WireFormat

/// A policy made ready to read operations with: one plan a service.
package struct PolicyPlan: Sendable {
    package let policy: Policy
    /// Parallel to `policy.services`.
    package let services: [ServicePlan]

    /// Binds every expression of the policy to the fields of each service.
    package init(_ policy: Policy) {
        self.policy = policy
        services = policy.services.indices.map { ServicePlan(policy, serviceIndex: $0) }
    }
}

/// How operations of one service are read and which rules look at them.
///
/// Holds the paths that profile, filter and rules ask for as one `FieldSet`, so that one pass over
/// a page extracts them all. A class, since every walk and every service holds it.
package final class ServicePlan: Sendable {
    package let service: WatchedService
    package let rules: [BoundRule]
    package let fields: FieldSet
    let slots: SnapshotSlots
    private let filter: BoundFilter?
    /// Where the rules with a match read, by their index.
    private let readSlots: [Int: [Int]]

    /// A rule that looks at this service, with its expression bound to the plan's fields.
    package struct BoundRule: Sendable {
        package let rule: Rule
        /// Of the rule as it is now.
        let hash: RuleHash
        let match: BoundFilter?
        /// An `ignore` rule that reads metadata protects an operation without any.
        let protectsUnknown: Bool

        /// Whether the rule matches, or protects what nobody knows enough of.
        fileprivate func speaks(
            for row: borrowing FieldRow, _ metadataIsUnknown: Bool
        ) -> Bool {
            if protectsUnknown && metadataIsUnknown { return true }
            return match?.matches(row) ?? true
        }
    }

    /// - Parameter serviceIndex: into `policy.services`.
    package init(_ policy: Policy, serviceIndex: Int) {
        let service = policy.services[serviceIndex]
        let rules = policy.rules.filter { $0.applies(toService: serviceIndex) }
        var paths = SnapshotSlots.paths + service.fields.all
        for filter in rules.compactMap(\.match) + [service.filter].compactMap({ $0 }) {
            paths += filter.paths
        }
        let fields = FieldSet(paths)
        self.service = service
        self.fields = fields
        slots = SnapshotSlots(service.fields, in: fields)
        filter = service.filter?.bound(to: fields)
        readSlots = Dictionary(
            uniqueKeysWithValues: rules.enumerated().compactMap { index, rule in
                rule.match.map { (index, $0.paths.compactMap { fields.slot($0) }) }
            })
        self.rules = rules.map { rule in
            BoundRule(
                rule: rule, hash: RuleHash(of: rule), match: rule.match?.bound(to: fields),
                protectsUnknown: rule.action == .ignore && rule.match?.readsMetadata == true)
        }
    }

    /// What the service is listed by, parallel to its parents.
    package var partitions: [Partition] {
        service.parents.map {
            Partition(service: service.name, endpoint: service.endpoint, parent: $0)
        }
    }

    /// What one row says, and which rule speaks for it.
    /// - Parameter now: server time of the answer; times far behind it are in the future.
    package func sighting(of row: borrowing FieldRow, at now: Timestamp) -> Sighting {
        var snapshot = OperationSnapshot(row, slots: slots, at: now)
        let ruling = ruling(on: row)
        if case .matched(let rule) = ruling, rules[rule].rule.action == .cancel, !snapshot.isDone {
            let type = row.string(slots.metadataType) ?? ""
            snapshot.metadataType = type.utf8.count <= Limits.nameBytesMax ? type : ""
        }
        return Sighting(
            snapshot: snapshot, ruling: ruling, passesFilter: filter?.matches(row) ?? true)
    }

    /// Notes which rules have something to read in the row.
    /// - Parameter rules: those that are known to have; grows.
    package func noteReadable(in row: borrowing FieldRow, _ rules: inout Set<Int>) {
        guard rules.count < readSlots.count else { return }
        for (rule, slots) in readSlots where !rules.contains(rule) {
            if slots.contains(where: { row.isPresent($0) }) { rules.insert(rule) }
        }
    }

    /// `ignore` wins wherever it stands; among the others the first match decides.
    private func ruling(on row: borrowing FieldRow) -> Ruling {
        let metadataIsUnknown = row.kind(slots.metadata) != .object
        var first: Int?
        for (index, bound) in rules.enumerated() {
            if bound.rule.action == .ignore {
                if bound.speaks(for: row, metadataIsUnknown) { return .ignored(by: index) }
            } else if first == nil, bound.speaks(for: row, metadataIsUnknown) {
                first = index
            }
        }
        return first.map(Ruling.matched(by:)) ?? .unmatched
    }

    /// What every rule makes of the operation in the row, in the order of the policy.
    /// - Parameters:
    ///   - ruling: on the same row.
    ///   - isExplained: whether what decided in each `match` is told, too.
    package func standings(
        on row: FieldRow, _ ruling: Ruling, isExplained: Bool = false
    ) -> [RuleStanding] {
        let metadataIsUnknown = row.kind(slots.metadata) != .object
        return rules.enumerated().map { index, bound in
            let findings =
                isExplained
                ? bound.rule.match.map { FilterExplainer($0, fields: fields).explain(row).findings }
                : nil
            guard bound.speaks(for: row, metadataIsUnknown) else {
                return RuleStanding(bound.rule.name, .doesNotMatch, findings)
            }
            if bound.rule.action == .ignore {
                let isUnknown = bound.protectsUnknown && metadataIsUnknown
                return RuleStanding(
                    bound.rule.name, isUnknown ? .protectsUnknown : .protects, findings)
            }
            let part: RuleStanding.Part =
                switch ruling {
                case .unmatched, .ignored: .isOverruled
                case .matched(let first): first == index ? .decides : .comesLater
                }
            return RuleStanding(bound.rule.name, part, findings)
        }
    }
}

/// Which rule speaks for an operation; the index is into `ServicePlan.rules`.
package enum Ruling: Sendable, Equatable {
    case unmatched
    case ignored(by: Int)
    case matched(by: Int)
}

/// One operation in one answer of the service.
package struct Sighting: Sendable {
    package let snapshot: OperationSnapshot
    package let ruling: Ruling
    /// Whether the service's `filter` holds here too.
    package let passesFilter: Bool

    package init(snapshot: OperationSnapshot, ruling: Ruling, passesFilter: Bool = true) {
        self.snapshot = snapshot
        self.ruling = ruling
        self.passesFilter = passesFilter
    }
}
