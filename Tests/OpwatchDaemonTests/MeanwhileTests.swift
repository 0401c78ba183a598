import OperationsClient
import OperationsSimulator
import OpwatchJournal
import OpwatchSystemd
import Testing
import WireFormat

@testable import OpwatchCore
@testable import OpwatchDaemon

/// Two answers about one operation under way at once.
@Suite("What lists show while a GET is under way", .timeLimit(.minutes(1)))
struct MeanwhileTests {
    private static let name = "projects/acme/operations/x"
    private static let request = RequestLog.ID(number: 1, service: 0)

    /// What a page shows of the operation, and whether its cancel may still leave.
    private static let pages: [(page: String, leaves: Bool)] = [
        (#""operationType":"CREATE_VERSION""#, true),
        (#""operationType":"CREATE_VERSION","labels":{"keep":"true"}"#, false),
        (#""operationType":"OTHER""#, false),
        (#""operationType":"CREATE_VERSION","isCancellationRequested":true"#, false),
        (#""operationType":"CREATE_VERSION"},"done":true,"response":{"#, false),
    ]

    @Test(
        "a cancel leaves only if no page since its intent says otherwise", arguments: pages)
    func page(metadata: String, leaves: Bool) async throws {
        try await DaemonHarness.run([]) { world in
            let watcher = try world.makeWatcher()
            let service = try #require(watcher.services.first)
            try look(at: service, of: watcher, world)
            try read(Self.object(metadata, created: Self.created(world)), service, watcher, world)
            answer(service, watcher, world)
            #expect(service.mayPost == leaves)
            #expect(service.hasAttempt == leaves)
        }
    }

    @Test("a younger creation time on a page lets no cancel of the older one leave")
    func younger() async throws {
        try await DaemonHarness.run([]) { world in
            let watcher = try world.makeWatcher()
            let service = try #require(watcher.services.first)
            try look(at: service, of: watcher, world)
            let young = Self.object(
                #""operationType":"CREATE_VERSION""#, created: world.clock.now)
            try read(young, service, watcher, world)
            answer(service, watcher, world)
            #expect(!service.mayPost)
        }
    }

    @Test("a permit that has not left goes back when a page says otherwise")
    func permit() async throws {
        try await DaemonHarness.run([]) { world in
            let watcher = try world.makeWatcher()
            let service = try #require(watcher.services.first)
            try look(at: service, of: watcher, world)
            answer(service, watcher, world)
            #expect(service.mayPost)
            let kept = Self.object(
                #""operationType":"CREATE_VERSION","labels":{"keep":"true"}"#,
                created: Self.created(world))
            try read(kept, service, watcher, world)
            watcher.checkOutgoing(service)
            #expect(!service.mayPost)
        }
    }

    @Test("a permit that goes back leaves its candidate in one piece, however often")
    func permitGoesBack() async throws {
        try await DaemonHarness.run([]) { world in
            let watcher = try world.makeWatcher()
            let service = try #require(watcher.services.first)
            // Long enough to stand on the heap, and known to nobody else.
            let type = String(repeating: "type.googleapis.com/x", count: 3)
            var ref: WatchState.OperationRef?
            for _ in 0..<20 {
                ref = try look(at: service, of: watcher, world, ref, type: type)
                answer(service, watcher, world)
                #expect(service.mayPost)
                watcher.withdrawUnsent(service, reason: "the policy changed")
                #expect(!service.hasAttempt)
            }
            #expect(service.candidate?.metadataType == type)
        }
    }

    @Test("what a page said against one attempt says nothing against the next")
    func next() async throws {
        try await DaemonHarness.run([]) { world in
            let watcher = try world.makeWatcher()
            let service = try #require(watcher.services.first)
            let ref = try look(at: service, of: watcher, world)
            let other = Self.object(#""operationType":"OTHER""#, created: Self.created(world))
            try read(other, service, watcher, world)
            answer(service, watcher, world)
            watcher.memory.pauses[ref] = nil
            try look(at: service, of: watcher, world, ref)
            answer(service, watcher, world)
            #expect(service.mayPost)
        }
    }

    @Test(
        "a closing GET says nothing of an operation that is listed again",
        arguments: [
            Result<OperationAnswer, CallFailure>.failure(
                .notFound(ServiceError(http: 404, code: .notFound))),
            .failure(.timedOut(after: .seconds(30), sent: .maybe)),
        ])
    func listedAgain(answer: Result<OperationAnswer, CallFailure>) async throws {
        try await DaemonHarness.run([]) { world in
            let watcher = try world.makeWatcher()
            let service = try #require(watcher.services.first)
            let ref = try watcher.track(Self.name, of: service, since: Self.created(world))
            try watcher.pollTwice(service, [ref])
            watcher.fetchAbsent([ref], service, number: 3)
            try watcher.pollTwice(service, [ref])
            watcher.tookLook(
                answer, of: watcher.state.identity(ref), .closing, Self.request, service)
            #expect(watcher.memory.pauses[ref] == nil)
            #expect(watcher.state.operationCount == 1)
        }
    }

    @Test("a POST that found no connection has not left, whatever the failure is called")
    func unsent() async throws {
        try await DaemonHarness.run([]) { world in
            let watcher = try world.makeWatcher()
            let service = try #require(watcher.services.first)
            let ref = try look(at: service, of: watcher, world)
            answer(service, watcher, world)
            #expect(service.partitions[0].startedInPoll == 1)
            watcher.tookCancelAnswer(
                .failure(
                    .unavailable(reason: "Connection refused", retryAfter: nil, sent: .no)),
                service)
            #expect(service.partitions[0].startedInPoll == 0)
            #expect(watcher.state.cancel(ref)?.state == .withdrawn)
            #expect(watcher.state.spent.count(at: world.clock.now) == 0)
        }
    }

    @Test("after a start each denied cancel waits its hour, and one more denial shuts the service")
    func deniedBefore() async throws {
        try await DaemonHarness.run([]) { world in
            let watcher = try world.makeWatcher()
            let service = try #require(watcher.services.first)
            var refs: [WatchState.OperationRef] = []
            for (number, last) in ["x", "y"].enumerated() {
                let created = Self.created(world)
                let ref = try watcher.track(
                    "projects/acme/operations/\(last)", of: service, since: created)
                let intent = JournalRecord.Intent(
                    id: IntentID(UInt64(number + 1)), operation: watcher.state.identity(ref),
                    service: service.name, serverTime: world.clock.now.advanced(by: .minutes(-20)),
                    created: created, clock: .total, age: .minutes(50), timeout: .minutes(45),
                    deadline: world.clock.now, rule: "slow", policy: watcher.plan.policy.hash,
                    attempt: 1)
                watcher.applyToState(.intent(intent))
                watcher.applyToState(
                    .asked(intent.id, http: 403, status: "PERMISSION_DENIED", words: "no role"))
                refs.append(ref)
            }
            watcher.resumeDenials()
            for ref in refs {
                let pause = try #require(watcher.memory.pauses[ref])
                #expect(pause.holds(at: world.clock.instant.advanced(by: .minutes(39))))
                #expect(!pause.holds(at: world.clock.instant.advanced(by: .minutes(41))))
            }
            #expect(service.denial.until == nil)
            service.denial.deny(
                .init(endpoint: service.plan.service.endpoint, name: Self.name + "z"),
                reason: "no role", until: world.clock.instant.advanced(by: .minutes(60)))
            #expect(service.denial.until != nil)
        }
    }

    // MARK: The stage

    private static func created(_ world: DaemonHarness) -> Timestamp {
        world.clock.now.advanced(by: .minutes(-50))
    }

    private static func object(_ metadata: String, created: Timestamp) -> String {
        #"{"name":"\#(name)","metadata":{"createTime":"\#(created)",\#(metadata)}}"#
    }

    /// Records the intent of a candidate, whose GET is then awaited.
    @discardableResult
    private func look(
        at service: ServiceWatch, of watcher: Watcher, _ world: DaemonHarness,
        _ known: WatchState.OperationRef? = nil, type: String = ""
    ) throws -> WatchState.OperationRef {
        let created = Self.created(world)
        let ref = try known ?? watcher.track(Self.name, of: service, since: created)
        try watcher.pollTwice(service, [ref])
        let due = Due(
            rule: 1, clock: .total, timeout: .minutes(45),
            deadline: created.advanced(by: .minutes(45)), age: .minutes(50))
        watcher.putInLine(
            [
                Poll.Candidate(
                    operation: ref, serial: watcher.state.serial(ref), due: due,
                    metadataType: type, confirmations: 2)
            ], service, 0)
        watcher.startAttempts(at: world.clock.instant)
        try #require(service.hasAttempt)
        service.gateLook = Self.request
        return ref
    }

    private func read(
        _ object: String, _ service: ServiceWatch, _ watcher: Watcher, _ world: DaemonHarness
    ) throws {
        watcher.startWalk(service, 0, filter: nil)
        let walk = try #require(service.partitions[0].walk)
        let page = PageAnswer(
            body: Array(#"{"operations":[\#(object)],"nextPageToken":"more"}"#.utf8),
            time: AnswerTime(sentAt: world.clock.instant, date: world.clock.now))
        watcher.tookPage(.success(page), service, parent: 0, walk: walk.poll.walk)
    }

    /// The GET shows what the candidate was.
    private func answer(
        _ service: ServiceWatch, _ watcher: Watcher, _ world: DaemonHarness
    ) {
        let object = Self.object(
            #""operationType":"CREATE_VERSION""#, created: Self.created(world))
        watcher.tookLook(
            .success(
                OperationAnswer(
                    body: Array(object.utf8),
                    time: AnswerTime(sentAt: world.clock.instant, date: world.clock.now))),
            of: OperationIdentity(
                endpoint: service.plan.service.endpoint, name: Self.name),
            .gate, Self.request, service)
    }
}

extension ServiceWatch {
    fileprivate var mayPost: Bool { outgoing != nil }
    fileprivate var hasAttempt: Bool { attempt != nil }
}
