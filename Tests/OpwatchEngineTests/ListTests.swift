import OpwatchReports
import Testing
import WireFormat

@testable import OpwatchCore
@testable import OpwatchEngine

@Suite("Lists and what they no longer show")
struct ListTests {
    @Test("what is no longer listed is fetched, and its end is journalled")
    func ended() throws {
        let stage = try Stage()
        let x = stage.add("x", age: .seconds(60))
        stage.run(for: .seconds(61))
        stage.operations[x]?.code = 0
        stage.run(for: .seconds(60))
        #expect(stage.records.last == .finished(x, code: 0))
    }

    @Test("what two GETs do not find has vanished")
    func vanished() throws {
        let stage = try Stage()
        let x = stage.add("x", age: .seconds(60))
        stage.run(for: .seconds(61))
        stage.operations[x] = nil
        stage.run(for: .seconds(60))
        #expect(!stage.records.contains(.vanished(x)))
        stage.run(for: .seconds(120))
        #expect(stage.records.contains(.vanished(x)))
    }

    @Test("a GET that fails leaves it tracked, is told once and asked ever less")
    func cannotBeFetched() throws {
        let stage = try Stage()
        let x = stage.add("x", age: .seconds(60))
        stage.run(for: .seconds(61))
        stage.operations[x] = nil
        stage.fetchFailure = .unavailable(reason: "down", retryAfter: nil, sent: .maybe)
        stage.run(for: .seconds(4 * 3_600))
        #expect(stage.engine.state.operationCount == 1)
        let told = stage.reports.count { $0.message.contains("cannot be fetched") }
        #expect(told == 1)
    }

    @Test("a malformed page fails its poll and says at which byte")
    func malformed() throws {
        let stage = try Stage()
        stage.turn()
        let list = try stage.takePending { _ in true }
        guard case .page(let partition, let walk, _, _) = list.request else { return }
        let page = PageAnswer(body: Array("{\"operations\":[}".utf8), time: stage.time)
        stage.take(.page(list.id, partition, walk: walk, .success(page)))
        let told = try #require(stage.reports.last { $0.kind == .pollFailed })
        #expect(told.message.contains("byte"))
        #expect(stage.engine.standing.services.first?.late != nil)
    }

    @Test("a token that comes twice ends the walk as failed")
    func tokenLoop() throws {
        let stage = try Stage()
        stage.add("x")
        stage.turn()
        for _ in 0..<2 {
            let list = try stage.takePending { _ in true }
            guard case .page(let partition, let walk, _, _) = list.request else { return }
            stage.take(
                .page(list.id, partition, walk: walk, .success(stage.page([], token: "again"))))
            stage.turn()
        }
        #expect(stage.count(.pollFailed) == 1)
        #expect(stage.pending.isEmpty)
    }

    @Test("a poll that names unreachable places confirms nothing")
    func partial() throws {
        let stage = try Stage()
        let x = stage.add("x")
        stage.run(for: .seconds(1))
        stage.pass(.seconds(59))
        try answerPartially(stage, x)
        stage.run(for: .seconds(30))
        #expect(stage.posted.isEmpty)
        stage.run(for: .seconds(60))
        #expect(stage.posted == [x])
    }

    @Test("between two polls with a partial one between them nobody watched what is stalled")
    func stalled() throws {
        var policy = StagePolicy()
        (policy.clock, policy.total) = ("stalled", "10m")
        let stage = try Stage(policy)
        let x = stage.add("x")
        stage.operations[x]?.updated = Stage.start.advanced(by: .seconds(-60))
        stage.run(for: .seconds(1))
        for _ in 0..<10 {
            stage.pass(.seconds(60))
            try answerPartially(stage, x)
            stage.pass(.seconds(60))
            repeat { stage.turn() } while stage.answer()
        }
        #expect(stage.posted.isEmpty)
        stage.run(for: .seconds(13 * 60))
        #expect(stage.posted == [x])
    }

    /// The list that is asked for now shows the operation and names a place that was not asked.
    private func answerPartially(_ stage: Stage, _ x: OperationIdentity) throws {
        stage.turn()
        let list = try stage.takePending { _ in true }
        guard case .page(let partition, let walk, _, _) = list.request else { return }
        let json = try #require(stage.operations[x]?.json)
        let page = PageAnswer(
            body: Array(#"{"operations":[\#(json)],"unreachable":["a"]}"#.utf8), time: stage.time)
        stage.take(.page(list.id, partition, walk: walk, .success(page)))
    }

    @Test("after more than three intervals without a poll the row of confirmations begins anew")
    func gap() throws {
        for (needed, polls) in [(1, 1), (2, 1), (3, 2)] {
            var policy = StagePolicy()
            policy.confirmations = needed
            let stage = try Stage(policy)
            let x = stage.add("x")
            stage.run(for: .seconds(1))
            // The poll behind this only warns.
            stage.pass(.seconds(299))
            stage.run(for: .seconds(60 * polls - 1))
            #expect(stage.posted.isEmpty, "\(needed)")
            stage.run(for: .seconds(2))
            #expect(stage.posted == [x], "\(needed)")
        }
    }

    @Test("what another parent listed first is told once and left to it")
    func listedByAnother() throws {
        var policy = StagePolicy()
        policy.parents = ["projects/acme", "projects/-"]
        let stage = try Stage(policy)
        let x = stage.add("x", age: .seconds(60))
        let json = try #require(stage.operations[x]?.json)
        for _ in 0..<2 {
            stage.turn()
            for _ in 0..<2 {
                let list = try stage.takePending { _ in true }
                guard case .page(let partition, let walk, _, _) = list.request else { return }
                stage.take(
                    .page(list.id, partition, walk: walk, .success(stage.page([json]))))
            }
            stage.pass(.seconds(60))
        }
        #expect(stage.count(.duplicateListing) == 1)
        #expect(try stage.service.partitions.liveCount == 1)
    }

    @Test("a walk that was restarted once for a token that expired is not restarted again")
    func expiredToken() throws {
        let stage = try Stage()
        var firstPages = 0
        stage.turn()
        for _ in 0..<8 {
            guard !stage.pending.isEmpty else { break }
            let list = try stage.takePending { _ in true }
            guard case .page(let partition, let walk, _, let asked) = list.request else { return }
            if asked.pageToken == nil {
                firstPages += 1
                stage.take(
                    .page(list.id, partition, walk: walk, .success(stage.page([], token: "t"))))
            } else {
                let error = ServiceError(http: 400, code: .invalidArgument, message: "token")
                stage.take(.page(list.id, partition, walk: walk, .failure(.refused(error))))
            }
            stage.turn()
        }
        #expect(firstPages == 2)
        #expect(stage.count(.pollFailed) == 1)
    }

    @Test("three intervals without a complete poll are told once, and a later one recovers")
    func stale() throws {
        let stage = try Stage()
        stage.add("x", age: .seconds(60))
        stage.run(for: .seconds(61))
        // Requests stay without an answer.
        for _ in 0..<8 {
            stage.pass(.seconds(60))
            stage.turn()
        }
        #expect(stage.count(.pollOverdue) == 1)
        stage.run(for: .seconds(120))
        #expect(stage.count(.pollRecovered) == 1)
    }

    @Test("an operation outside of the parent that lists it is never watched, told once")
    func outside() throws {
        let stage = try Stage()
        stage.turn()
        for _ in 0..<3 {
            let list = try stage.takePending { _ in true }
            guard case .page(let partition, let walk, _, _) = list.request else { return }
            let other = StageOperation(
                name: "projects/beta/operations/x",
                created: Stage.start.advanced(by: .seconds(-9_000)))
            stage.take(.page(list.id, partition, walk: walk, .success(stage.page([other.json]))))
            stage.pass(.seconds(60))
            stage.turn()
        }
        #expect(stage.engine.state.operationCount == 0)
        #expect(stage.count(.contradiction) == 1)
    }

    @Test("a younger operation under a known name ends the older one, which is not cancelled")
    func renewed() throws {
        let stage = try Stage()
        let x = stage.add("x", age: .seconds(44 * 60))
        stage.run(for: .seconds(1))
        stage.operations[x]?.created = stage.now.wall
        stage.run(for: .seconds(600))
        #expect(stage.posted.isEmpty)
        #expect(stage.records.contains(.vanished(x)))
        let since = try #require(stage.engine.state.find(x))
        #expect(stage.engine.state.tables[since.table].since(since.slot) > Stage.start)
    }

    @Test("the end of another operation of the name, which a list that lags shows, ends nothing")
    func endOfAnother() throws {
        let stage = try Stage()
        let x = stage.add("x", age: .seconds(60))
        stage.run(for: .seconds(1))
        let truth = try #require(stage.operations[x])
        var elder = truth
        elder.created = truth.created?.advanced(by: .seconds(-600))
        elder.code = 0
        stage.operations[x] = elder
        stage.pass(.seconds(60))
        stage.turn()
        stage.answer()
        stage.operations[x] = truth
        stage.run(for: .seconds(120))
        #expect(!stage.records.contains(.finished(x, code: 0)))
        #expect(stage.engine.state.find(x) != nil)
        // By list and GET it has ended, whatever creation time they tell.
        stage.operations[x] = elder
        stage.run(for: .seconds(600))
        #expect(stage.records.contains(.finished(x, code: 0)))
    }

    @Test("an end that tells no creation time ends what a GET shows to have ended, by its code")
    func endWithoutCreation() throws {
        let stage = try Stage()
        let x = stage.add("x", age: .seconds(60))
        stage.run(for: .seconds(1))
        let truth = try #require(stage.operations[x])
        var end = truth
        end.created = nil
        end.code = 0
        // Of another one by that: the GET shows it running.
        stage.operations[x] = end
        stage.pass(.seconds(60))
        stage.turn()
        stage.answer()
        stage.operations[x] = truth
        stage.run(for: .seconds(120))
        #expect(stage.engine.state.find(x) != nil)
        #expect(stage.count(.contradiction) == 1)
        end.code = 13
        stage.operations[x] = end
        stage.run(for: .seconds(600))
        #expect(stage.records.contains(.finished(x, code: 13)))
    }

    @Test("an end without a creation time ends nothing where the list told another one's")
    func namelessEndOfAnother() throws {
        let stage = try Stage()
        let x = stage.add("x", age: .seconds(60))
        stage.run(for: .seconds(1))
        let truth = try #require(stage.operations[x])
        var (younger, end) = (truth, truth)
        younger.created = stage.now.wall
        end.created = nil
        end.code = 0
        stage.operations[x] = end
        // The list shows the younger one running, then an end that may be anyone's.
        for shown in [younger, end] {
            stage.listed[x] = shown
            stage.run(for: .seconds(300))
            #expect(stage.records.count == 2)
            #expect(stage.count(.contradiction) == 1)
        }
        end.created = truth.created
        stage.listed = [:]
        stage.operations[x] = end
        stage.run(for: .seconds(120))
        #expect(stage.records.contains(.finished(x, code: 0)))
    }

    @Test("an operation whose creation time is always to come is kept and told once")
    func alwaysToCome() throws {
        let stage = try Stage()
        stage.add("x", age: .seconds(-7 * 3_600))
        stage.run(for: .seconds(600))
        #expect(stage.records.count == 2)
        #expect(stage.count(.contradiction) == 1)
        #expect(stage.posted.isEmpty)
    }

    @Test("what is no longer listed is not ended by the end of an older one of its name")
    func endOfAnotherUnlisted() throws {
        let stage = try Stage()
        let x = stage.add("x", age: .seconds(60))
        stage.run(for: .seconds(1))
        var elder = try #require(stage.operations[x])
        elder.created = elder.created?.advanced(by: .seconds(-600))
        stage.listed[x] = .some(nil)
        for code in [nil, 0] {
            elder.code = code
            stage.operations[x] = elder
            stage.run(for: .seconds(600))
            #expect(stage.records.count == 2)
        }
        #expect(stage.reports.count { $0.message.contains("no longer listed") } == 1)
    }

    @Test("a creation time that is still to come keeps no name from its later user")
    func impossibleCreation() throws {
        let stage = try Stage()
        stage.jump(.seconds(8 * 3_600))
        stage.date = { _ in nil }
        let (x, y) = (stage.add("x", age: .seconds(3_600)), stage.add("y", age: .seconds(3_600)))
        stage.run(for: .seconds(1))
        let lie = try stage.since(x)
        stage.jump(.seconds(-8 * 3_600))
        stage.date = { $0 }
        #expect(lie > stage.now.wall.advanced(by: .seconds(6 * 3_600)))
        // One ends before it is corrected, and has a later user; the other one is corrected.
        stage.operations[y]?.code = 0
        stage.run(for: .seconds(120))
        #expect(stage.records.contains(.finished(y, code: 0)))
        let truth = stage.now.wall
        for operation in [x, y] { stage.operations[operation]?.created = truth }
        stage.operations[y]?.code = nil
        stage.run(for: .seconds(180))
        #expect(stage.records.contains(.vanished(x)))
        #expect(try stage.since(x) == truth)
        #expect(try stage.since(y) == truth)
        // One that is past is not given up for an older image, however often that is shown.
        let told = stage.count(.contradiction)
        stage.operations[x]?.created = truth.advanced(by: .seconds(-600))
        stage.run(for: .seconds(600))
        #expect(try stage.since(x) == truth)
        #expect(stage.count(.contradiction) == told + 1)
    }

    @Test("a younger operation is noticed although the older one told no creation time")
    func youngerThanFirstSight() throws {
        let stage = try Stage()
        let x = stage.add("x", age: .seconds(60))
        stage.operations[x]?.created = nil
        stage.run(for: .seconds(1))
        stage.run(for: .seconds(300))
        stage.operations[x]?.created = stage.now.wall
        stage.run(for: .seconds(120))
        #expect(stage.records.contains(.vanished(x)))
        let ref = try stage.ref(x)
        #expect(stage.engine.state.tables[ref.table].flags(ref.slot).contains(.hasCreation))
    }

    @Test("chance delays a poll by a tenth of the interval at most, and none drifts away")
    func jitter() throws {
        for seed in 1...20 {
            let stage = try Stage(jitter: Jitter(seed: UInt64(seed)))
            let begin = stage.now.instant
            var times: [Duration] = []
            while begin.duration(to: stage.now.instant) < .seconds(610) {
                stage.turn()
                if !stage.pending.isEmpty { times.append(begin.duration(to: stage.now.instant)) }
                stage.answer()
                stage.pass(.milliseconds(500))
            }
            #expect(times.count == 10 || times.count == 11)
            for (number, time) in times.enumerated() {
                // The first one is due at what chance adds to now, and so are all after it.
                let late = time - .seconds(60 * number)
                #expect(late >= .zero && late <= .seconds(13), "\(seed): \(time)")
            }
            #expect(Set(times.map { $0.components.seconds % 60 }).count > 2)
        }
    }
}
