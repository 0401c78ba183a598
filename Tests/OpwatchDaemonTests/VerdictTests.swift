import OperationsSimulator
import OpwatchCore
import OpwatchReports
import Testing

@Suite("Verdicts", .timeLimit(.minutes(1)))
struct VerdictTests {
    @Test(
        "each life of an operation ends in its verdict",
        arguments: [
            (Life.slow, MessageKind.cancelled, 1), (.finishesAnyway, .finishedAnyway, 1),
            (.failsOtherwise, .failedOtherwise, 1), (.vanishes, .vanished, 1),
            (.refusesPrecondition, .refused, 3), (.refusesUnimplemented, .refused, 1),
            (.ignoresCancel(), .defied, 3),
            (
                .cancelledByOther(flagAfter: .zero, endsAfter: .seconds(55 * 60)),
                .cancelledByOther, 0
            ),
        ])
    func verdict(life: Life, kind: MessageKind, posts: Int) async throws {
        let operation = ScriptedOperation("x", created: .seconds(-50 * 60), life: life)
        try await DaemonHarness.run([operation]) { world in
            try await world.daemon { run in
                let entry = try await run.wait(for: kind, operation.name)
                #expect(entry.field(.verdict) == kind.rawValue)
            }
            #expect(world.server.cancelCount(operation.name) == posts)
            try world.expectOnePostAnIntent()
        }
    }
}
