/// The calls that the API offers.
package enum SimulatedCall: String, Sendable, Hashable, CaseIterable {
    case list, get, cancel
}
