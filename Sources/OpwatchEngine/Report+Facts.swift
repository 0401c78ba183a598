import OpwatchCore

extension Report {
    /// The report that belongs to a fact; nil for facts that nobody needs to hear of.
    /// - Parameters:
    ///   - facts: as they are before the record.
    ///   - plan: of the service that it is about.
    init?(of record: JournalRecord, in facts: Facts, _ plan: ServicePlan) {
        switch record {
        case .warned(let warned):
            let rule = plan.rules.first { $0.rule.name == warned.rule }?.rule
            self = .warned(
                plan.label(warned.operation), warned, action: rule?.action ?? .warn,
                notice: rule?.warnBefore)
        case .unlisted(let operation):
            guard let ref = facts.state.find(operation),
                facts.memory.reportedUnlisted.insert(ref).inserted
            else { return nil }
            self = .unlisted(plan.label(operation))
        case .unsupported(_, let collection, let type, _):
            self = .unsupported(
                OperationLabel(service: plan.service.name, operation: collection),
                type: type ?? "")
        case .breaker(let name, let cause?, _):
            self = .breakerOpen(service: name, reason: cause.words)
        case .breaker(let name, nil, _): self = .breakerClosed(service: name)
        case .verdict(let operation, let intent, let verdict, let late, _, let reason):
            let label = plan.label(operation)
            if late {
                self = .late(label, verdict)
            } else {
                let history = facts.state.find(operation).flatMap { facts.state.cancel($0) }
                self = .verdict(
                    verdict, label, intent == nil ? nil : history, reason: reason)
            }
        case .open, .close, .policy, .seen, .started, .stalling, .wouldCancel, .deferred,
            .relisted, .finished, .vanished, .dropped, .moved, .intent, .withdrawn, .asked,
            .failedCancels, .damage, .damageAccepted, .spent, .unknown:
            return nil
        }
    }
}
