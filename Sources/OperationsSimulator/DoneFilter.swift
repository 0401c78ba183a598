/// The few filters that the simulated service understands itself, all of them about `done`.
enum DoneFilter: Hashable {
    case everything
    case done
    case live

    /// Reads `done = true`, `done = false`, both with `:`, and `NOT` or `-` before them; nil for
    /// any other filter that is not blank.
    init?(_ text: String) {
        let words = text.split(whereSeparator: \.isWhitespace)
        guard !words.isEmpty else {
            self = .everything
            return
        }
        let isNegated = words[0] == "NOT"
        var restriction = words.dropFirst(isNegated ? 1 : 0).joined()
        let hasMinus = !isNegated && restriction.hasPrefix("-")
        if hasMinus { restriction.removeFirst() }
        switch restriction {
        case "done=true", "done:true": self = isNegated || hasMinus ? .live : .done
        case "done=false", "done:false": self = isNegated || hasMinus ? .done : .live
        default: return nil
        }
    }

    func admits(_ state: OperationState) -> Bool {
        switch self {
        case .everything: true
        case .done: state.isDone
        case .live: !state.isDone
        }
    }
}
