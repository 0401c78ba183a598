/// What a claim asks of a text that is no whole number, timestamp or duration.
enum TextDemand {
    /// The term is true or false of every such text.
    case truth(Bool)
    /// The text has to compare so.
    case order(Comparator, OrderedText)
    /// The text has it, or must not have it where the claim is negated.
    case affix(Affix)
    case unknown
}
