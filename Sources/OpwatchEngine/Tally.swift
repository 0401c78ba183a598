import OpwatchCore

/// What an engine has decided so far, in figures.
package struct Tally: Sendable {
    /// Operations that a list or a GET showed and that were decided about.
    package internal(set) var decisions = 0
    /// Cancels that the gate refused, before a GET or after it, by the case of the refusal.
    package private(set) var refusals: [String: Int] = [:]

    mutating func refuse(_ refusal: GateRefusal) {
        refusals[refusal.kind, default: 0] += 1
    }
}
