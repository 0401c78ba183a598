/// Why what a list shows under the name of a known operation may be another one; a GET tells.
package enum IdentityDoubt: Sendable, Equatable {
    /// It tells another creation time: a younger one's, or the end of an older one.
    case otherCreation
    /// An end without a creation time, of an operation that told one.
    case endWithoutCreation

    /// What the list shows, as the beginning of a message.
    package var words: String {
        switch self {
        case .otherCreation: "creation time is another one's by the list"
        case .endWithoutCreation: "end tells no creation time in the list"
        }
    }
}
