import Glibc
import Testing

@Suite("A daemon that is killed under load")
struct KillTests {
    private static let rounds = SystemTest.isWhole ? 200 : 3

    @Test("leaves a whole journal, and an intent for every cancel, at whatever moment")
    func kills() async throws {
        try await Storm.run { storm in
            for round in 1...Self.rounds {
                storm.begin(SystemTest.isWhole ? 6 : 20)
                let daemon = try storm.start()
                try daemon.runOn(for: .milliseconds(Int.random(in: 0...2_500)))
                daemon.signal(SIGKILL)
                #expect(try daemon.finish().code == 128 + SIGKILL)
                try storm.expectWhole("round \(round)")
            }
            let daemon = try storm.start()
            storm.begin(30)
            try storm.run(
                daemon, untilPosts: min(storm.postCount + 3, Storm.cancelsPerHour))
            daemon.signal(SIGTERM)
            #expect(try daemon.finish(within: .seconds(10)).code == 0)
            try storm.expectWhole("at the end")
            #expect(storm.postCount <= Storm.cancelsPerHour, "the budget survives every kill")
            print("\(Self.rounds) kills, \(storm.postCount) cancels")
        }
    }
}
