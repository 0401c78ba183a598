import OpwatchCore
import OpwatchReports

/// What a plan has found so far, and what people must know beside it.
struct PlanFindings {
    private(set) var operations: [OperationStanding] = []
    /// One line each, for standard error.
    private(set) var remarks: [String] = []
    /// Whether nothing is known to be missing.
    private(set) var isComplete = true

    mutating func remark(_ text: String) {
        remarks.append(text)
    }

    /// Operations are missing, and why.
    mutating func miss(_ text: String) {
        remark(text)
        isComplete = false
    }

    /// - Parameter source: whose operations they are, for messages.
    mutating func take(_ service: PlannedService, of source: String) {
        operations += service.operations
        if let breaker = service.breaker {
            remark("\(source): warning: \(breaker); nothing of it is cancelled then")
        }
    }
}

/// What makes a listing less than the whole list.
struct ListingGap: CustomStringConvertible {
    let description: String

    /// Nil where nothing is missing.
    /// - Parameter count: how many places were unreachable, of which `unreachable` are some.
    init?(nextPageToken: String?, unreachable: [String], count: Int) {
        var parts: [String] = []
        if nextPageToken != nil {
            parts.append("one page of several, more operations follow it")
        }
        if count > 0 { parts.append(Self.unreachable(unreachable, count: count)) }
        guard !parts.isEmpty else { return nil }
        description = parts.joined(separator: "; ")
    }

    /// Of a list that is whole but for some places.
    static func unreachable(_ places: [String], count: Int) -> String {
        "unreachable, so that their operations are missing: "
            + Untrusted.list(places, count: count)
    }
}
