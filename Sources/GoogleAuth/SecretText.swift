/// A private key, a refresh token, a client secret: it goes where it is meant to and into no text.
struct SecretText: Sendable, Equatable {
    let value: String

    init(_ value: String) {
        self.value = value
    }
}

extension SecretText: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    var description: String { "[secret]" }
    var debugDescription: String { description }
    var customMirror: Mirror { Mirror(self, children: []) }
}
