/// A private key, a refresh token, a client secret: it goes where it is meant to and into no text.
struct SecretText: Sendable, Equatable {
    let value: String
    /// Secrets that it holds in another form; they may be quoted by themselves.
    private let inner: [String]

    init(_ value: String, holding inner: [String] = []) {
        self.value = value
        self.inner = inner
    }

    /// All that must not be quoted.
    var values: [String] { [value] + inner }
}

extension SecretText: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    var description: String { "[secret]" }
    var debugDescription: String { description }
    var customMirror: Mirror { Mirror(self, children: []) }
}
