import OpwatchCore
import Testing

@testable import OperationsClient

@Suite("Room for connections")
struct DescriptorRoomTests {
    @Test("requests under way count beside what is open, and the last 24 are for others")
    func counts() {
        let room = DescriptorRoom(lowestFree: { 30 }, limit: { 64 })
        for _ in 0..<10 { #expect(room.enter()) }
        #expect(!room.enter())
        room.leave()
        #expect(room.enter())
        #expect(!DescriptorRoom(lowestFree: { 40 }, limit: { 64 }).enter())
        #expect(DescriptorRoom(lowestFree: { 39 }, limit: { 64 }).enter())
    }

    @Test("this process has room")
    func live() {
        let room = DescriptorRoom()
        #expect(room.enter())
        room.leave()
    }

    @Test("without room nothing is sent, and the message says what to raise")
    func full() async throws {
        var settings = HTTPPool.Settings(longestInterval: .seconds(60))
        settings.room = DescriptorRoom(lowestFree: { 63 }, limit: { 64 })
        let pool = try HTTPPool(settings)
        let got = await failure { () throws(CallFailure) in
            try await TestWorld().client("http://127.0.0.1:1", pool: pool).getOnce("operations/x")
        }
        await pool.shutdown()
        #expect(got == .notSent(reason: DescriptorRoom.words))
    }
}
