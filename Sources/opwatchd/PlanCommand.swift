import ArgumentParser
import Glibc
import OperationsClient
import OpwatchCore
import OpwatchDaemon
import OpwatchJournal
import OpwatchPolicy
import OpwatchProcess
import WireFormat

/// `opwatchd plan`: what would happen now, per operation; changes nothing.
struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Show what would happen now, per operation; changes nothing.",
        discussion: """
            Lists the policy's services live, or reads a saved answer of the list method. Takes \
            confirmations and rails as met and names in the reason what a cancel would still \
            wait for. Listing live it knows what the journal knows: warnings, cancels, when an \
            operation was first seen; with --from it does so only if --state is given. A saved \
            answer may also be the array that gcloud --format=json writes.

            Exits 69 where operations are missing: a list that failed, places that were \
            unreachable, a saved page that others follow. What it has is printed all the same.

            Example: opwatchd plan --policy policy.yaml --from listing.json --service ml
            """)

    @OptionGroup var policyOption: PolicyOption

    @Option(help: "The journal's directory.")
    var state: String?

    @Option(help: ArgumentHelp("A saved list answer, or - for stdin.", valueName: "listing.json"))
    var from: String?

    @Option(help: "The service to plan for; needed with --from.")
    var service: String?

    @Option(help: ArgumentHelp("Plan as of this instant.", valueName: "rfc3339"))
    var at: TimestampOption?

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        ProcessMemory.forbidDumps()
        try DescriptorLimit.raise()
        let policy = try loadPolicy()
        let plan = PolicyPlan(policy)
        let remembered = try rememberedState()
        let now = at?.timestamp ?? LiveClock().now
        let findings =
            if let from {
                try saved(from, plan, remembered, at: now)
            } else {
                try await live(plan, remembered)
            }
        for remark in findings.remarks { Output.error(remark) }
        let report = PlanOutput(at: now, policy: policy, operations: findings.operations)
        json ? Output.bytes(report.json) : report.print()
        if !findings.isComplete {
            throw Failure(.unavailable, "the plan is not complete: operations are missing from it")
        }
    }

    private func loadPolicy() throws(Failure) -> Policy {
        do throws(PolicyErrors) {
            let loaded = try PolicyFile.load(path: policyOption.path)
            for warning in loaded.warnings { Output.error(warning.description) }
            return loaded.policy
        } catch {
            throw Failure(.configuration, error.description)
        }
    }

    private func rememberedState() throws(Failure) -> WatchState {
        if let state { return try JournalState.read(state).state }
        guard from == nil, access(Places.state, R_OK) == 0 else { return WatchState() }
        return try JournalState.read(Places.state).state
    }

    private func serviceIndex(_ policy: Policy) throws(Failure) -> Int {
        let names = policy.services.map(\.name).joined(separator: ", ")
        guard !policy.services.isEmpty else {
            throw Failure(.configuration, "\(policyOption.path): the policy has no services")
        }
        guard let service else {
            if policy.services.count == 1 { return 0 }
            throw Failure(.usage, "--from needs --service NAME, one of: \(names)")
        }
        guard let index = policy.services.firstIndex(where: { $0.name == service }) else {
            throw Failure(
                .usage, "--service \(service): the policy has no such service, only: \(names)")
        }
        return index
    }

    /// Plans for a saved listing.
    private func saved(
        _ path: String, _ plan: PolicyPlan, _ state: WatchState, at now: Timestamp
    ) throws(Failure) -> PlanFindings {
        var findings = PlanFindings()
        var planner = Planner(plan, serviceIndex: try serviceIndex(plan.policy), state: state)
        let (bytes, source) = (try InputFile.read(path), InputFile.name(path))
        do throws(WireError) {
            let end = try planner.read(bytes, limits: .file, at: now)
            let gap = ListingGap(
                nextPageToken: end.nextPageToken, unreachable: end.unreachable,
                count: end.unreachableCount)
            if let gap { findings.miss("\(source): warning: \(gap)") }
        } catch {
            let reason = BodyContext.none.complaint(about: bytes, error)
            throw Failure(.dataDamaged, "\(source): \(reason)")
        }
        findings.take(planner.planned(), of: source)
        return findings
    }

    /// Lists every parent of every service, or of the one asked for.
    private func live(
        _ plan: PolicyPlan, _ state: WatchState
    ) async throws(Failure) -> PlanFindings {
        let wanted = service == nil ? nil : try serviceIndex(plan.policy)
        var findings = PlanFindings()
        let pools = HTTPPools.live(longestInterval: .seconds(60))
        let world = World.live(pools: pools)
        for index in plan.services.indices where wanted == nil || wanted == index {
            let service = plan.policy.services[index]
            var list = LiveList(
                of: service, client: world.client(service, { _ in }),
                planner: Planner(plan, serviceIndex: index, state: state), clock: LiveClock(),
                instant: at?.timestamp)
            await list.readAll(into: &findings)
            findings.take(list.planner.planned(), of: service.name)
        }
        await pools.shutdown()
        return findings
    }
}

/// An instant on the command line.
struct TimestampOption: ExpressibleByArgument {
    let timestamp: Timestamp

    init?(argument: String) {
        guard let timestamp = Timestamp(rfc3339: argument) else { return nil }
        self.timestamp = timestamp
    }
}

extension ReadLimits {
    /// A saved listing may be larger than any page.
    static let file = ReadLimits(bytesMax: InputFile.bytesMax)
}
