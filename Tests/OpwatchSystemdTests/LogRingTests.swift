import Testing

@testable import OpwatchReports
@testable import OpwatchSystemd

@Suite("The ring of log entries")
struct LogRingTests {
    @Test("entries leave in the order in which they came, whatever their priority")
    func order() {
        var ring = LogRing(capacity: 8)
        push(["6 a", "3 b", "7 c", "5 d", "6 e"], into: &ring)
        #expect(drain(&ring) == ["a", "b", "c", "d", "e"])
        #expect(ring.takeDropped() == 0)
    }

    @Test(
        "when full, the oldest of the least important goes",
        arguments: [
            (came: ["6 a", "5 b", "6 c", "5 d"], left: ["b", "c", "d"]),
            (came: ["5 a", "6 b", "7 c", "5 d"], left: ["a", "b", "d"]),
            (came: ["5 a", "5 b", "5 c", "6 d"], left: ["a", "b", "c"]),
            (came: ["5 a", "5 b", "5 c", "5 d"], left: ["b", "c", "d"]),
            (came: ["3 a", "4 b", "5 c", "4 d"], left: ["a", "b", "d"]),
            (came: ["3 a", "3 b", "3 c", "3 d"], left: ["b", "c", "d"]),
        ])
    func drops(came: [String], left: [String]) {
        var ring = LogRing(capacity: 3)
        push(came, into: &ring)
        #expect(ring.count == 3)
        #expect(drain(&ring) == left)
        #expect(ring.takeDropped() == 1)
        #expect(ring.takeDropped() == 0)
    }

    @Test("the count follows pushes and pops through many turns of the ring")
    func turns() {
        var ring = LogRing(capacity: 5)
        for turn in 0..<1_000 {
            push(["5 \(turn)x", "6 \(turn)y"], into: &ring)
            #expect(ring.count == 2)
            #expect(ring.firstNumber == UInt64(turn * 2 + 1))
            #expect(drain(&ring) == ["\(turn)x", "\(turn)y"])
        }
        #expect(ring.firstNumber == nil)
        #expect(ring.takeDropped() == 0)
    }

    private func push(_ entries: [String], into ring: inout LogRing) {
        for entry in entries { ring.push(JournalEntry(shorthand: entry), at: 0) }
    }

    private func drain(_ ring: inout LogRing) -> [String] {
        var messages: [String] = []
        while let item = ring.pop() { messages.append(item.entry.message) }
        return messages
    }
}
