/// A field that every operation has, whatever its API; in the order in which messages list them.
package enum OperationField: String, CaseIterable, Sendable {
    case name
    case metadata
    case done
    case error
    case response
}
