import OpwatchCore
import Testing

@testable import OperationsClient

@Suite("Room for connections")
struct DescriptorRoomTests {
    @Test("requests under way count, and leave their room again")
    func counts() {
        let room = DescriptorRoom()
        var entered = 0
        while entered < 1 << 20, room.enter() { entered += 1 }
        #expect(entered > 0)
        // The limit of whoever runs the tests may be beyond any count.
        if entered < 1 << 20 {
            #expect(!room.enter())
            room.leave()
            #expect(room.enter())
        }
    }

    @Test("without room nothing is sent, and the message says what to raise")
    func full() async throws {
        var settings = HTTPPool.Settings(longestInterval: .seconds(60))
        settings.room = DescriptorRoom()
        var entered = 0
        while entered < 1 << 20, settings.room.enter() { entered += 1 }
        guard entered < 1 << 20 else { return }
        let pool = try HTTPPool(settings)
        let got = await failure { () throws(CallFailure) in
            try await TestWorld().client("http://127.0.0.1:1", pool: pool).getOnce("operations/x")
        }
        await pool.shutdown()
        #expect(got == .notSent(reason: DescriptorRoom.words))
    }
}
