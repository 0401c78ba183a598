import OpwatchCore
import WireFormat

/// One tracked operation as `status` shows it.
struct StatusEntry {
    let service: String
    let name: String
    let state: String
    let since: Timestamp
    let rule: String?
    let deadline: Timestamp?

    /// Next deadline first, then by age.
    static func all(in state: WatchState) -> [StatusEntry] {
        state.operations.map { StatusEntry($0, in: state) }.sorted { left, right in
            (left.deadline ?? .latest, left.since, left.name)
                < (right.deadline ?? .latest, right.since, right.name)
        }
    }

    private init(_ ref: WatchState.OperationRef, in state: WatchState) {
        let table = state.tables[ref.table]
        let warning = table.warnings[ref.slot]
        let history = table.cancels[ref.slot]
        let isUnlisted = table.flags(ref.slot).contains(.unlisted)
        service = state.partition(ref).service
        name = table.name(ref.slot)
        since = table.since(ref.slot)
        rule = history?.intent.rule ?? warning?.rule
        deadline = history?.intent.deadline ?? warning?.deadline
        self.state =
            history.flatMap(Self.word)
            ?? (isUnlisted ? "unlisted" : warning == nil ? "live" : "warned")
    }

    private static func word(_ history: CancelHistory) -> String? {
        switch history.state {
        case .ended(let verdict, _): verdict.rawValue
        case .recorded: "intent"
        case .answered(.accepted): "asked"
        case .answered(.unanswered), .answered(.missing): "unanswered"
        case .answered(.refused): "refused for now"
        case .answered(.denied), .withdrawn: nil
        }
    }
}
