import OperationsSimulator
import OpwatchReports
import Synchronization
import Testing
import WireFormat

/// Manners: what a service allows, and what it asks for.
@Suite("Quotas", .timeLimit(.minutes(1)))
struct QuotaTests {
    private func gaps(_ records: [RequestRecord]) -> [Duration] {
        zip(records.dropFirst(), records).map { $0.time.duration(since: $1.time) }
    }

    @Test("requests that are repeated count against requests_per_minute")
    func retries() async throws {
        var policy = PolicyText()
        policy.requestsPerMinute = 60
        policy.interval = "1s"
        try await DaemonHarness.run(ScriptedOperation.healthy(1), policy: policy) { world in
            world.server.withFaults { $0.failNext(.max, [.list], with: .unavailable) }
            try await world.daemon { run in
                try await world.clock.pass(.minutes(10))
                // Of 600 tokens, and the few that may go at once.
                #expect(world.requests(.list).count <= 610)
                #expect(world.requests(.list).count > 300)
            }
        }
    }

    @Test("retries of gets count, too")
    func getRetries() async throws {
        var policy = PolicyText()
        policy.requestsPerMinute = 6
        policy.isCanaryOn = false
        policy.within = "1h"
        try await DaemonHarness.run(
            ScriptedOperation.overdue("x").series(count: 5) + ScriptedOperation.healthy(20),
            policy: policy
        ) { world in
            try await world.daemon { run in
                try await world.wait(for: .cancel, times: 5)
                world.server.withFaults { $0.failNext(.max, [.get], with: .unavailable) }
                let begin = world.server.requests.count
                try await world.clock.pass(.minutes(30))
                let count = world.server.requests.count - begin
                // Four tries for each of five, a minute apart, would be 600.
                #expect(count <= 6 * 30 + 6 && count > 150, "\(count)")
            }
        }
    }

    @Test("a service that throttles without saying for how long is asked half as often each time")
    func throttled() async throws {
        try await DaemonHarness.run(ScriptedOperation.healthy(1)) { world in
            world.server.withFaults { $0.failNext(20, [.list], with: .throttled()) }
            try await world.daemon { run in
                try await run.wait(status: "1 live")
                #expect(run.count(.pollFailed) == 1)
                let told = try #require(run.entries(.pollFailed).first)
                #expect(told.message.contains("throttled by the service"))
                try await run.wait(for: .pollRecovered)
            }
            // Four tries a walk; between walks the waits grow, up to five minutes.
            let waits = gaps(world.requests(.list)).filter { $0 > .seconds(30) }
            let expected = [60, 120, 240, 300, 300].map { Duration.seconds($0) }
            #expect(waits.count == expected.count)
            for (wait, least) in zip(waits, expected) {
                #expect(wait >= least && wait < least + .seconds(61), "\(waits)")
            }
        }
    }

    @Test("the interval that parents really get is told once all of them were polled, and once")
    func pace() async throws {
        var policy = PolicyText()
        policy.parents = (0..<90).map { "projects/p\($0)" }
        policy.requestsPerMinute = 60
        policy.interval = "30s"
        try await DaemonHarness.run([], policy: policy, parents: policy.parents) { world in
            try await world.daemon { run in
                try await world.clock.pass(.minutes(10))
                let told = run.entries.filter { $0.message.contains("a poll of all parents") }
                #expect(told.count == 1)
                #expect(
                    told.first?.message
                        == "ml: a poll of all parents takes 90 requests, and "
                        + "requests_per_minute: 60 lets each be polled every 1m30s, not every 30s")
            }
        }
    }

    @Test("a pace that is enough is no news", arguments: [(30, 0), (31, 1)])
    func paceBorder(parents: Int, count: Int) async throws {
        var policy = PolicyText()
        policy.parents = (0..<parents).map { "projects/p\($0)" }
        policy.requestsPerMinute = 60
        policy.interval = "30s"
        try await DaemonHarness.run([], policy: policy, parents: policy.parents) { world in
            try await world.daemon { run in
                try await world.clock.pass(.minutes(5))
                #expect(run.entries.count { $0.message.contains("a poll of all") } == count)
            }
        }
    }
}
