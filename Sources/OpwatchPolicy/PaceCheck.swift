import WireFormat

/// One page a parent is the least that a poll asks for.
struct PaceCheck {
    let problems: ProblemList

    /// Warns of services whose polls cannot keep to their interval.
    func check(_ services: [ServiceDraft]) {
        for service in services {
            guard let interval = service.interval, let perMinute = service.requestsPerMinute,
                let first = service.parents.first
            else { continue }
            let seconds = interval.components.seconds
            let needed = service.parents.count
            // Both factors are bounded: a day, and 60,000.
            let allowed = Int64(perMinute) * seconds / 60
            guard Int64(needed) > allowed else { continue }
            let need = needed == 1 ? "1 parent needs 1" : "\(needed) parents need \(needed)"
            problems.warning(
                "\(need) or more requests every \(DurationText.short(interval)); "
                    + "requests_per_minute: \(perMinute) allows \(allowed)", at: first.mark)
        }
    }
}
