/// One step of a program, which works on a single truth value.
enum Instruction: Equatable, Sendable {
    /// Runs the test with this index and takes its result.
    case test(Int)
    /// Runs the call with this index and takes its result.
    case call(Int)
    /// Turns the value around.
    case not
    /// Goes on at the index if the value is this one.
    case jump(if: Bool, to: Int)
}
