import OpwatchCore
import OpwatchReports
import WireFormat

extension Report {
    /// - Parameter next: when it is tried again, where that is later than usual.
    static func pollFailed(_ partition: Partition, reason: String, next: Timestamp?) -> Report {
        let when = next.map { "left alone until \($0.clockTime)" } ?? "trying again"
        return Report(
            .pollFailed, "\(label(partition)): poll failed, \(when): \(reason)",
            fields(partition) + [(.reason, reason)])
    }

    static func pollRecovered(_ partition: Partition) -> Report {
        Report(
            .pollRecovered, "\(label(partition)): complete polls again", fields(partition))
    }

    static func pollPartial(_ partition: Partition, _ places: UnreachablePlaces) -> Report {
        Report(
            .pollPartial, "\(label(partition)): listed in part only, \(places); going on",
            fields(partition)
                + [(.reason, places.description), (.count, String(places.count))])
    }

    /// - Parameter cause: the last failure, or what is under way; nil where nothing is known.
    static func pollOverdue(
        _ partition: Partition, since: Timestamp?, cause: String?
    ) -> Report {
        let last = since.map { "none since \($0)" } ?? "none since the start"
        let reason = cause.map { "\(last): \($0)" } ?? last
        return Report(
            .pollOverdue,
            "\(label(partition)): no complete poll for three intervals (\(reason)); "
                + "nothing of it is cancelled meanwhile",
            fields(partition) + [(.reason, reason)])
    }

    static func unusable(_ operation: OperationLabel, reason: String) -> Report {
        Report(
            .contradiction, "\(operation.text): kept, its \(reason)",
            operation.fields + [(.reason, reason)])
    }

    static func lingering(_ operation: OperationLabel) -> Report {
        Report(
            .contradiction,
            "\(operation.text): has ended, and the list goes on to show it running; not "
                + "watched again, unless a younger operation gets its name",
            operation.fields + [(.reason, "listed as running after its end")])
    }

    static func unlisted(_ operation: OperationLabel) -> Report {
        Report(
            .unlisted,
            "\(operation.text): runs but is no longer listed; watched by GET, never cancelled",
            operation.fields)
    }

    static func duplicateListing(_ operation: OperationLabel, owner: Partition) -> Report {
        Report(
            .duplicateListing,
            "\(operation.text): already watched through \(label(owner)); left alone here",
            operation.fields + [(.parent, owner.parent)])
    }

    static func filterRejected(_ partition: Partition, reason: String) -> Report {
        Report(
            .filterRejected,
            "\(label(partition)): the service rejects the filter (\(reason)); "
                + "listing everything and filtering here",
            fields(partition) + [(.reason, reason)])
    }

    static func filterDropsAll(_ partition: Partition, count: Int) -> Report {
        Report(
            .filterDropsAll,
            "\(label(partition)): the filter holds for none of \(count) listed operations",
            fields(partition) + [(.count, String(count))])
    }

    static func limitReached(_ partition: Partition, _ what: String, limit: String) -> Report {
        Report(
            .limitReached, "\(label(partition)): \(what)",
            fields(partition) + [(.reason, what), (.limit, limit)])
    }

    static func clockDisagrees(service: String, reason: String) -> Report {
        Report(
            .clockDisagrees,
            "\(service): \(reason); no cancels of this service until the clocks agree",
            [(.service, service), (.reason, reason)])
    }

    static func clockAgrees(service: String) -> Report {
        Report(
            .clockAgrees, "\(service): its clock and ours agree again", [(.service, service)])
    }

    private static func label(_ partition: Partition) -> String {
        partition.parent.isEmpty
            ? partition.service : "\(partition.service) \(partition.parent)"
    }

    private static func fields(_ partition: Partition) -> [(name: LogField, value: String)] {
        [(.service, partition.service), (.parent, partition.parent)]
    }
}
