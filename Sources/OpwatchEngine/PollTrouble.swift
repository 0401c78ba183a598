import OpwatchCore

/// Why a walk was not complete.
struct PollTrouble {
    /// Failures of one kind in a row are told once, whatever else their words say.
    let kind: Kind
    let reason: String

    enum Kind: Equatable {
        case partial, malformed, limit
        case throttled, unauthenticated, denied, notFound, refused, foreign, unavailable, tooLarge
        case notSent
    }

    init(_ kind: Kind, _ reason: String) {
        self.kind = kind
        self.reason = reason
    }

    init(_ failure: CallFailure) {
        let kind: Kind =
            switch failure {
            case .throttled: .throttled
            case .unauthenticated: .unauthenticated
            case .denied: .denied
            case .notFound: .notFound
            case .unsupported, .refused: .refused
            case .wordless, .foreign: .foreign
            case .unavailable, .timedOut: .unavailable
            case .malformed: .malformed
            case .tooLarge: .tooLarge
            case .notSent: .notSent
            }
        self.init(kind, failure.description)
    }

    init(_ failure: ListWalk.Failure) {
        let kind: Kind =
            switch failure {
            case .repeatedToken: .malformed
            case .tooManyPages, .tooManyOperations, .tokenTooLong: .limit
            }
        self.init(kind, failure.description)
    }
}
