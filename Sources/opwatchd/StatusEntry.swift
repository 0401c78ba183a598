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

    /// What the order is made of. An entry has texts, and there may be a million.
    private struct Place {
        let deadline: Timestamp
        let since: Timestamp
        let ref: WatchState.OperationRef
    }

    /// Next deadline first, then by age; each entry is made when it is asked for.
    static func all(in state: WatchState) -> some Collection<StatusEntry> {
        let places = state.operations.map { ref in
            Place(
                deadline: state.deadline(of: ref) ?? .latest,
                since: state.tables[ref.table].since(ref.slot), ref: ref)
        }
        let inOrder = places.sorted { left, right in
            let (earlier, later) = ((left.deadline, left.since), (right.deadline, right.since))
            return earlier == later
                ? state.name(of: left.ref) < state.name(of: right.ref) : earlier < later
        }
        return inOrder.lazy.map { StatusEntry($0.ref, in: state) }
    }

    private init(_ ref: WatchState.OperationRef, in state: WatchState) {
        let table = state.tables[ref.table]
        let warning = table.warnings[ref.slot]
        let history = table.cancels[ref.slot]
        let isUnlisted = table.flags(ref.slot).contains(.unlisted)
        service = state.partition(ref).service
        name = state.name(of: ref)
        since = table.since(ref.slot)
        rule = history?.intent.rule ?? warning?.rule
        deadline = state.deadline(of: ref)
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
        case .answered(.denied): "denied"
        case .withdrawn: nil
        }
    }
}

extension WatchState {
    fileprivate func name(of ref: OperationRef) -> String {
        tables[ref.table].name(ref.slot)
    }

    /// Of the cancel, or else what people were warned of.
    fileprivate func deadline(of ref: OperationRef) -> Timestamp? {
        let table = tables[ref.table]
        return table.cancels[ref.slot]?.intent.deadline ?? table.warnings[ref.slot]?.deadline
    }
}
