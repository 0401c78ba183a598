/// How a command ends when it does not end well, by sysexits(3).
package enum SystemExit: Int32, Sendable {
    case usage = 64
    case dataDamaged = 65
    case unavailable = 69
    case failure = 70
    case io = 74
    case locked = 75
    case permission = 77
    case configuration = 78

    /// The name of a code that a library gives; unknown ones are failures of ours.
    package init(code: Int32) {
        self = SystemExit(rawValue: code) ?? .failure
    }
}

/// What a command throws: one message for stderr and the exit code.
package struct Failure: Error {
    package let code: SystemExit
    /// Empty where everything was said already.
    package let message: String

    /// - Parameter message: without a line feed at its end.
    package init(_ code: SystemExit, _ message: String) {
        self.code = code
        self.message = message
    }
}
