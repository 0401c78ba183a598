package import OpwatchCore

extension OperationAnswer: Equatable {
    /// What a test expects of an answer; its context has no equal.
    package static func == (left: Self, right: Self) -> Bool {
        left.body == right.body && left.time == right.time
    }
}
