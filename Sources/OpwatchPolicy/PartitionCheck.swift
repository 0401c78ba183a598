import OpwatchCore

/// A parent belongs to one service of an endpoint.
struct PartitionCheck {
    let problems: ProblemList

    /// Refuses parents that a service before has already.
    func check(_ services: [ServiceDraft]) {
        var owners: [Endpoint: [String: Int]] = [:]
        for (position, service) in services.enumerated() {
            guard let endpoint = service.endpoint else { continue }
            for parent in service.parents {
                guard let owner = owners[endpoint]?[parent.value] else {
                    owners[endpoint, default: [:]][parent.value] = position
                    continue
                }
                let other = services[owner]
                let name = other.name.map { "service \($0.value.quoted)" } ?? "the service"
                problems.error(
                    "parent \(parent.value.quoted) of \(endpoint) is watched already by \(name) "
                        + "on line \(other.mark.line)", at: parent.mark)
            }
        }
    }
}
