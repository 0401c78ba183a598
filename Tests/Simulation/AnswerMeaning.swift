/// What an answer to `:cancel` means, by the table "answer to `:cancel` | means".
enum AnswerMeaning: Sendable, Equatable {
    case accepted
    /// "May pass: a new intent through the whole gate, `attempts` in all."
    case refusedForNow
    /// "The others are `refused` at once"; 404 and running is among them.
    case refused
    /// "That operation: one trial an hour."
    case denied
    /// "Unanswered, may have arrived."
    case unanswered
    case notSent

    init(_ answer: PostAnswer) {
        switch answer {
        case .accepted: self = .accepted
        case .notSent: self = .notSent
        case .lost, .wordless: self = .unanswered
        case .error(let code):
            switch code {
            case "FAILED_PRECONDITION", "ABORTED": self = .refusedForNow
            case "INVALID_ARGUMENT", "UNIMPLEMENTED", "NOT_FOUND", "OUT_OF_RANGE",
                "ALREADY_EXISTS":
                self = .refused
            case "PERMISSION_DENIED": self = .denied
            default: self = .unanswered
            }
        }
    }
}
