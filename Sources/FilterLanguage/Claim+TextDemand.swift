extension Claim {
    /// Whether it looks at every text byte by byte, whatever that may be taken for.
    var isAboutBytes: Bool {
        guard case .comparison(let comparator, let literal) = question else { return true }
        if comparator == .has { return true }
        guard case .text = type else { return false }
        return comparator.isOrdering || literal.isPattern
    }

    /// What it asks; among the demands only `.order` has its NOT in it already.
    var demandOnText: TextDemand {
        switch question {
        case .call(let call):
            guard let text = call.texts.first else { return .unknown }
            if call.function == .startsWith { return .affix(.start(Array(text.utf8))) }
            return call.function == .endsWith ? .affix(.end(Array(text.utf8))) : .unknown
        case .comparison(.has, _):
            return .affix(.inside(self.literal))
        case .comparison(let comparator, let literal) where literal.isPattern:
            return comparator == .equal ? .affix(Affix(literal)) : .unknown
        case .comparison(let written, _):
            guard let comparator else { return .unknown }
            switch type {
            case .text:
                return .order(comparator, OrderedText(bytes: literal))
            case .number where !literal.withUnsafeBufferPointer(Number.isWhole):
                // As a text it may be equal, and is in no order.
                return written.isOrdering
                    ? .truth(false) : .order(comparator, OrderedText(bytes: literal))
            case .number, .timestamp, .duration:
                return .truth(written == .notEqual)
            }
        }
    }
}
