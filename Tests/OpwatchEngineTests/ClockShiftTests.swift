import Testing
import WireFormat

@testable import OpwatchCore
@testable import OpwatchEngine

@Suite("A wrong local clock")
struct ClockShiftTests {
    private static let shifts: [Int64] = [1, 299, 302, 3_600, 86_400, 31_557_600, 315_576_000]
        .flatMap { [$0, -$0] }

    @Test("from the start on, it cancels nothing that should live", arguments: shifts)
    func fromTheStart(shift: Int64) throws {
        let (stage, old) = try Self.stage(shift)
        stage.run(for: .seconds(1_200))
        #expect(Set(stage.posted) == (abs(shift) < 300 ? [old] : []))
        // Once it is right, what is overdue goes.
        stage.jump(.seconds(-shift))
        stage.date = { $0 }
        stage.run(for: .seconds(600))
        #expect(Set(stage.posted) == [old])
    }

    @Test("a jump between any two polls cancels nothing that should live", arguments: shifts)
    func jump(shift: Int64) throws {
        for minutes: Int64 in 1...4 {
            let (stage, old) = try Self.stage(0)
            stage.run(for: .seconds(minutes * 60 - 30))
            stage.jump(.seconds(shift))
            stage.date = { $0.advanced(by: .seconds(-shift)) }
            stage.run(for: .seconds(1_200))
            #expect(Set(stage.posted).isSubset(of: [old]), "after \(minutes) minutes")
        }
    }

    /// A service with an operation that is overdue, one that is not by the time that a test takes,
    /// and one that tells no creation time.
    /// - Parameter shift: seconds that the local clock is ahead of the service's.
    private static func stage(_ shift: Int64) throws -> (Stage, old: OperationIdentity) {
        let stage = try Stage(
            at: Moment(
                wall: Stage.start.advanced(by: .seconds(shift)), instant: ContinuousClock.now))
        stage.date = { $0.advanced(by: .seconds(-shift)) }
        let old = stage.add("old", age: .seconds(50 * 60 + shift))
        stage.add("young", age: .seconds(60 + shift))
        let nameless = stage.add("nameless")
        stage.operations[nameless]?.created = nil
        return (stage, old)
    }
}
