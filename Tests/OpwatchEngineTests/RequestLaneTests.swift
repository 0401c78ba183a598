import Testing
import WireFormat

@testable import OpwatchEngine

@Suite("Request lane")
struct RequestLaneTests {
    private let start = ContinuousClock.now

    @Test("requests go by priority, and inside one in the order they came")
    func order() {
        var lane = RequestLane<String>(requestsPerMinute: 600, at: start)
        lane.add("closing", .closing)
        lane.add("list 1", .list)
        lane.add("list 2", .list)
        lane.add("verify", .verify)
        lane.add("gate", .gatePair)
        var sent: [String] = []
        while let request = lane.next(at: start) { sent.append(request) }
        #expect(sent == ["gate", "verify", "list 1", "list 2", "closing"])
    }

    @Test("a cancel takes the tokens of its GET and its POST together")
    func tokens() {
        var lane = RequestLane<Int>(requestsPerMinute: 60, at: start)
        for number in 0..<4 {
            lane.add(number, .gatePair)
            #expect(lane.next(at: start) == (number < 3 ? number : nil))
            if number < 3 { lane.ended(.gatePair) }
        }
        #expect(lane.wake(at: start) == start.advanced(by: .seconds(2)))
        #expect(lane.next(at: start.advanced(by: .seconds(2))) == 3)
    }

    @Test("a request that is repeated costs one token more, also where there is none left")
    func repeated() {
        var lane = RequestLane<Int>(requestsPerMinute: 60, at: start)
        for number in 0..<7 { lane.add(number, .list) }
        for number in 0..<6 { #expect(lane.next(at: start) == number) }
        for _ in 0..<3 { lane.charge(at: start) }
        for seconds in 0..<4 {
            #expect(lane.next(at: start.advanced(by: .seconds(seconds))) == nil)
        }
        #expect(lane.wake(at: start) == start.advanced(by: .seconds(4)))
        #expect(lane.next(at: start.advanced(by: .seconds(4))) == 6)
    }

    @Test("lists that hang leave places for everything else")
    func places() {
        var lane = RequestLane<Int>(requestsPerMinute: 60_000, at: start)
        for number in 0..<20 { lane.add(number, .list) }
        var sent = 0
        while lane.next(at: start) != nil { sent += 1 }
        #expect(sent == 10)
        #expect(lane.wake(at: start) == nil)
        lane.add(100, .verify)
        lane.add(101, .gatePair)
        #expect(lane.next(at: start) == 101)
        #expect(lane.next(at: start) == 100)
        lane.ended(.list)
        #expect(lane.next(at: start) == 10)
    }

    @Test("what takes long leaves its place, but not more than four times as often as there are")
    func slow() {
        var lane = RequestLane<Int>(requestsPerMinute: 60_000, at: start)
        for number in 0..<100 { lane.add(number, .verify) }
        var sent = 0
        for _ in 0..<20 {
            while lane.next(at: start) != nil { sent += 1 }
            for _ in 0..<3 where sent < LanePriority.verify.underWayMax { lane.slowed(.verify) }
        }
        #expect(sent == LanePriority.verify.inFlightMax * 4)
        lane.ended(.verify, wasSlow: true)
        #expect(lane.next(at: start) == nil, "its places are all held")
        lane.ended(.verify)
        #expect(lane.next(at: start) != nil)
    }

    @Test("lists keep a quarter of the tokens, however much there is to prove")
    func listShare() {
        var lane = RequestLane<String>(requestsPerMinute: 6_000, at: start)
        var sent: [String] = []
        for number in 0..<40 {
            lane.add("verify", .verify)
            lane.add("list", .list)
            let now = start.advanced(by: .seconds(number))
            guard let request = lane.next(at: now) else { continue }
            sent.append(request)
            lane.ended(request == "list" ? .list : .verify)
        }
        #expect(sent.count == 40)
        #expect(sent.count { $0 == "list" } == 10)
    }

    @Test("nothing that waits is passed for ever, however many lists there are")
    func noStarving() {
        var lane = RequestLane<LanePriority>(requestsPerMinute: 60_000, at: start)
        var sent: [LanePriority] = []
        for number in 0..<200 {
            for priority in LanePriority.allCases { lane.add(priority, priority) }
            guard let request = lane.next(at: start.advanced(by: .seconds(number))) else { break }
            sent.append(request)
            lane.ended(request)
        }
        for priority in LanePriority.allCases {
            #expect(sent.count { $0 == priority } >= 8, "\(priority)")
        }
        #expect(sent.count { $0 == .list } >= 50)
    }

    @Test("lists of parents that failed take no place of the others")
    func retriedLists() {
        var lane = RequestLane<Int>(requestsPerMinute: 60_000, at: start)
        for number in 0..<20 { lane.add(number, .retriedList) }
        var sent = 0
        while lane.next(at: start) != nil { sent += 1 }
        #expect(sent == LanePriority.retriedList.inFlightMax)
        lane.add(100, .list)
        #expect(lane.next(at: start) == 100)
    }

    @Test("the wake time is always in the future, and then something may go")
    func wake() throws {
        for rate in [1, 7, 59, 61, 333, 100_000] {
            var lane = RequestLane<Int>(requestsPerMinute: rate, at: start)
            var now = start
            for number in 0..<200 {
                lane.add(number, .list)
                var turns = 0
                while true {
                    if lane.next(at: now) != nil { break }
                    let wake = try #require(lane.wake(at: now))
                    #expect(wake > now)
                    now = wake
                    turns += 1
                    guard turns < 4 else { break }
                }
                #expect(turns < 4, "rate \(rate)")
                lane.ended(.list)
            }
        }
    }

    @Test("a closed lane sends nothing until its time, the later of two")
    func closed() {
        var lane = RequestLane<Int>(requestsPerMinute: 600, at: start)
        lane.add(1, .list)
        lane.close(until: start.advanced(by: .seconds(20)))
        lane.close(until: start.advanced(by: .seconds(10)))
        #expect(lane.next(at: start.advanced(by: .seconds(19))) == nil)
        #expect(lane.wake(at: start) == start.advanced(by: .seconds(20)))
        #expect(lane.next(at: start.advanced(by: .seconds(20))) == 1)
    }

    @Test("another rate keeps what waits and gives no tokens away")
    func rate() {
        var lane = RequestLane<Int>(requestsPerMinute: 600, at: start)
        for number in 0..<5 { lane.add(number, .list) }
        lane.setRate(requestsPerMinute: 6, at: start)
        var sent = 0
        while lane.next(at: start) != nil { sent += 1 }
        #expect(sent == 2)
    }
}

@Suite("Clock watch")
struct ClockWatchTests {
    private let start = ContinuousClock.now
    private let noon = Timestamp(seconds: 1_772_366_400)

    @Test(
        "a wall clock is taken to jump over five seconds, both ways, but not to be slewed",
        arguments: [
            (wall: 60, real: 60, jumps: false), (65, 60, false), (66, 60, true), (54, 60, true),
            (-3_600, 60, true), (86_400 + 43, 86_400, false), (86_400 + 120, 86_400, true),
            (28_800, 28_800, false),
        ])
    func jump(wall: Int, real: Int, jumps expected: Bool) throws {
        let noon = try #require(noon)
        var jumps = ClockJumps(wall: noon, at: start)
        jumps.tick(
            wall: noon.advanced(by: .seconds(wall)), at: start.advanced(by: .seconds(real)))
        let told = [jumps.takeJump(), jumps.takeJump()]
        #expect(told == [expected, false])
    }
}

@Suite("Request log")
struct RequestLogTests {
    private let service = ServiceID(number: 1)

    @Test("a request past its own limit is hung, one that ended or is inside it is not")
    func hung() {
        let start = ContinuousClock.now
        var log = RequestLog(callTime: .seconds(600))
        let slow = log.begin(service, .list, at: start)
        let quick = log.begin(service, nil, at: start)
        #expect(!log.isHung(at: start.advanced(by: .seconds(60))))
        #expect(log.isHung(at: start.advanced(by: .seconds(61))))
        #expect(log.end(quick) == nil)
        #expect(!log.isHung(at: start.advanced(by: .seconds(630))))
        #expect(log.isHung(at: start.advanced(by: .seconds(631))))
        #expect(log.end(slow)?.priority == .list)
        #expect(!log.isHung(at: start.advanced(by: .seconds(10_000))))
    }

    @Test("a request leaves its place after five seconds, once; a POST and a cancel's GET never")
    func slow() {
        let start = ContinuousClock.now
        var log = RequestLog(callTime: .seconds(600))
        let list = log.begin(service, .list, at: start)
        let gate = log.begin(service, .gatePair, at: start)
        _ = log.begin(service, nil, at: start)
        let later = start.advanced(by: .seconds(5))
        #expect(log.nextSlowAt == later)
        #expect(log.takeSlow(at: start.advanced(by: .milliseconds(4_999))).isEmpty)
        #expect(log.takeSlow(at: later).map(\.id) == [list])
        #expect(log.takeSlow(at: later).isEmpty && log.nextSlowAt == nil)
        let (ofList, ofGate) = (log.end(list), log.end(gate))
        #expect(ofList?.wasSlow == true && ofGate?.wasSlow == false)
    }
}
