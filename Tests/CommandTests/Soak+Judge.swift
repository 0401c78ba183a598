import OperationsSimulator
import Testing
import WireFormat

extension Soak {
    func readLedger() throws -> SoakLedger {
        let since = eras.first?.from ?? .earliest
        let dump = try Program.run(
            "journal", "dump", "--json", "--since", since.description, "--state", state)
        #expect(dump.code == 0, "seed \(seed): \(dump.errors)")
        return try SoakLedger(dump.lines)
    }

    // MARK: Every state ends

    /// What must end once all is calm, and how long that may take: all windows with their pauses,
    /// the wait behind requests that were not answered, and canaries that fail one by one.
    func bounds(_ ledger: SoakLedger, _ policy: SoakPolicy) -> [String: Duration] {
        let ending = operations.values.filter { operation in
            operation.service != .odd
                && (policy.isTarget(operation) || ledger.isOpen(operation.name))
        }
        return ending.reduce(into: [:]) { bounds, operation in
            let stubborn = ending.count { $0.isStubborn && $0.service == operation.service }
            let doublings = min(max(0, ledger.unaccepted(operation.name) - 1), 5)
            let seconds =
                SoakPolicy.attempts * (SoakPolicy.withinSeconds + 20) + 120
                + SoakPolicy.withinSeconds << doublings + 20 * stubborn
            bounds[operation.name] = .seconds(seconds)
        }
    }

    func isSettled(_ name: String, _ ledger: SoakLedger) -> Bool {
        guard let operation = operations[name], !ledger.isOpen(name) else { return false }
        if let verdict = ledger.verdicts[name], ["refused", "defied"].contains(verdict) {
            return true
        }
        let state = servers[operation.service]?.state(name)
        return state?.isDone != false || state?.exists == false
    }

    /// Whether a cancel of it waits for another attempt that no rule in force would make.
    func isHeldBack(_ name: String, _ ledger: SoakLedger, _ policy: SoakPolicy) -> Bool {
        guard let operation = operations[name] else { return false }
        return ledger.isOpen(name) && !policy.isTarget(operation)
    }

    /// Whether people were told that nothing goes on with it.
    func isWaitTold(_ name: String) -> Bool {
        log.contains { $0.contains("\(name): still runs, and no other attempt to cancel it") }
    }

    // MARK: Every cancel is right

    /// Looks at all that happened in the round.
    func judge(_ ledger: SoakLedger) {
        for (name, posts) in requests.posts {
            guard let operation = operations[name] else {
                fail("a cancel of something that nobody made", name)
                continue
            }
            var used: Set<Int> = []
            for post in posts {
                let notice = ledger.notice(of: name, at: post.time)
                if let wrong = fault(of: post, operation, notice) {
                    fail("\(post.time): \(wrong)", name)
                }
                guard let number = ledger.lastIntent(of: name, before: post.time) else {
                    fail("\(post.time): a cancel without an intent", name)
                    continue
                }
                if !used.insert(number).inserted { fail("two cancels for intent \(number)", name) }
                if ledger.intents[number]?.isWithdrawn == true {
                    fail("intent \(number) is told as withdrawn, and was sent", name)
                }
            }
        }
        for (name, verdict) in ledger.verdicts {
            tally.verdicts[verdict, default: 0] += 1
            if let wrong = untruth(of: verdict, name) { fail(wrong, name) }
        }
    }

    /// Why the cancel must not have left.
    private func fault(
        of post: SoakRequests.Call, _ operation: SoakOperation, _ notice: Duration?
    ) -> String? {
        let time = post.time
        let inForce = eras.filter { $0.from <= time && time <= $0.until ?? .latest }
        let age = time.duration(since: operation.created)
        let isAllowed = inForce.contains { era in
            era.policy?.allows(operation, after: age, notice: notice) == true
        }
        guard isAllowed else {
            let noticed = notice.map { "\($0)" } ?? "none"
            return "no policy allows the cancel, \(age) old, notice \(noticed): \(inForce)"
        }
        guard let look = requests.lastGet(of: operation.name, before: time), look.status == 200,
            time.duration(since: look.time) < .seconds(7)
        else { return "no GET of the operation before its cancel" }
        let isDateless = requests.dateless.contains { fault in
            fault.service == operation.service && fault.from < look.time && look.time < fault.until
        }
        if isDateless { return "the Date of the GET at \(look.time) was wrong" }
        let then = servers[operation.service]?.withService { service in
            service.advance(to: look.time)
            return service.state(operation.name)
        }
        guard let state = then ?? nil, state.exists, !state.isDone else {
            return "it had ended when it was looked at"
        }
        return state.isCancellationRequested ? "it showed a cancel flag when looked at" : nil
    }

    /// Why the verdict is not true.
    private func untruth(of verdict: String, _ name: String) -> String? {
        guard let operation = operations[name] else { return nil }
        let posts = requests.posts[name] ?? []
        let state = servers[operation.service]?.state(name)
        var end = "running"
        switch state?.phase {
        case .done(.error(.cancelled, message: _), at: _)?: end = "cancelled"
        case .done(.error, at: _)?: end = "failedOtherwise"
        case .done(.response, at: _)?, .done(.nothing, at: _)?: end = "finishedAnyway"
        case .gone?: end = "vanished"
        case .unborn?, .queued?, .running?, nil: break
        }
        switch verdict {
        case "refused":
            let isRefused = operation.isStubborn || posts.contains { $0.status == 400 }
            return isRefused ? nil : "refused, and nobody refused"
        case "defied":
            let isDefied = operation.isStubborn || posts.count >= SoakPolicy.attempts
            return isDefied ? nil : "defied, after \(posts.count) cancels"
        case "cancelledByOther":
            return end == "cancelled" ? nil : "cancelledByOther, and it is \(end)"
        default: return verdict == end ? nil : "\(verdict), and it is \(end)"
        }
    }

    // MARK: The story

    /// Tells of one operation all that is known.
    func fail(_ what: String, _ name: String) {
        failureCount += 1
        // What comes later rarely tells anything new.
        guard failureCount <= 20 else { return }
        let operation = operations[name]
        let journal = try? Program.run(
            "journal", "dump", "--operation", name, "--state", state)
        let posts = requests.posts[name, default: []].map { "\($0.time) \($0.status ?? 0)" }
        let lines = log.filter { $0.contains("\(name) ") || $0.contains("\(name):") }
        Issue.record(
            """
            seed \(seed), \(Storm.clock), \(name): \(what)
            \(operation.map { "\($0.script.life), created \($0.created)" } ?? "not known")
            cancels: \(posts.joined(separator: ", "))
            \(eras.map(\.description).joined(separator: "\n"))
            \(journal?.output ?? "")
            \(lines.suffix(20).joined(separator: "\n"))
            """)
    }
}
