import OpwatchReports
import Testing
import WireFormat

@testable import OpwatchCore
@testable import OpwatchEngine

@Suite("The queue of candidates")
struct CandidateQueueTests {
    private let start = ContinuousClock.now
    private let first = PartitionID(number: 1)
    private let second = PartitionID(number: 2)

    private func candidate(
        _ slot: Int, deadline: Int64, of partition: PartitionID? = nil, retryAfter: Int? = nil
    ) -> QueuedCandidate {
        let due = Due(
            rule: 0, clock: .total, timeout: .seconds(1),
            deadline: Stage.start.advanced(by: .seconds(deadline)), age: .seconds(9))
        return QueuedCandidate(
            candidate: Poll.Candidate(
                operation: WatchState.OperationRef(table: 0, slot: slot), serial: 1, due: due,
                metadataType: "", confirmations: 2),
            partition: partition ?? first,
            retryAt: retryAfter.map { start.advanced(by: .seconds($0)) })
    }

    private func order(_ queue: CandidateQueue) -> [Int] {
        var queue = queue
        var order: [Int] = []
        while let first = queue.first {
            order.append(first.candidate.operation.slot)
            queue.removeFirst()
        }
        return order
    }

    @Test("among those that failed the one that waits longest goes first, after what is untried")
    func retried() {
        var queue = CandidateQueue()
        queue.replace(
            first,
            with: [
                candidate(0, deadline: 1, retryAfter: 60), candidate(1, deadline: 9),
                candidate(2, deadline: 5, retryAfter: 10), candidate(3, deadline: 8),
            ])
        #expect(order(queue) == [3, 1, 2, 0])
    }

    @Test("a poll replaces what its own parent queued and nothing else")
    func replaced() {
        var queue = CandidateQueue()
        queue.replace(first, with: [candidate(0, deadline: 1), candidate(1, deadline: 4)])
        queue.replace(second, with: [candidate(2, deadline: 2, of: second)])
        #expect(order(queue) == [0, 2, 1])
        queue.replace(first, with: [candidate(3, deadline: 3)])
        #expect(order(queue) == [2, 3])
        queue.replace(second, with: [])
        #expect(order(queue) == [3])
    }

    @Test("equal deadlines of two parents keep the order of the parents")
    func equal() {
        var queue = CandidateQueue()
        queue.replace(second, with: [candidate(2, deadline: 1, of: second)])
        queue.replace(first, with: [candidate(0, deadline: 1), candidate(1, deadline: 1)])
        #expect(order(queue) == [0, 1, 2])
    }
}
