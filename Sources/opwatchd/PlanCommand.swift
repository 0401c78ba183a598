import ArgumentParser
import Glibc
import OperationsClient
import OpwatchCore
import OpwatchDaemon
import OpwatchJournal
import OpwatchPolicy
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
            operation was first seen; with --from it does so only if --state is given.

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
        let policy = try loadPolicy()
        let plan = PolicyPlan(policy)
        let remembered = try rememberedState()
        let now = at?.timestamp ?? LiveClock().now
        var rows: [PlannedOperation] = []
        if let from {
            let index = try serviceIndex(policy)
            let bytes = try InputFile.read(from)
            rows = try planned(bytes, plan, index, remembered, at: now)
        } else {
            rows = try await listed(plan, remembered, at: now)
        }
        let report = PlanOutput(at: now, policy: policy, operations: rows)
        json ? Output.bytes(report.json) : report.print()
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

    private func planned(
        _ listing: [UInt8], _ plan: PolicyPlan, _ index: Int, _ state: WatchState,
        at now: Timestamp
    ) throws(Failure) -> [PlannedOperation] {
        var planner = Planner(plan, serviceIndex: index, state: state)
        let source = InputFile.name(from ?? "")
        do throws(WireError) {
            if try planner.read(listing, limits: .file, at: now) != nil {
                Output.error("\(source): warning: one page of several, more operations follow it")
            }
            if planner.unreachableCount > 0 {
                Output.error(
                    "\(source): warning: \(planner.unreachableCount) locations were unreachable, "
                        + "their operations are missing")
            }
        } catch {
            throw Failure(.dataDamaged, "\(source): \(error)")
        }
        return planner.operations(at: now)
    }

    /// Lists every parent of every service, or of the one asked for.
    private func listed(
        _ plan: PolicyPlan, _ state: WatchState, at now: Timestamp
    ) async throws -> [PlannedOperation] {
        let pool = HTTPPool(longestInterval: .seconds(60))
        let wanted = service == nil ? nil : try serviceIndex(plan.policy)
        var rows: [PlannedOperation] = []
        var failure: Failure?
        for index in plan.services.indices where wanted == nil || wanted == index {
            let client = Dependencies.live(LiveClock(), pool: pool)
                .makeClient(plan.policy.services[index])
            do throws(Failure) {
                rows += try await list(plan, index, client, state, at: now)
            } catch {
                failure = error
                Output.error(error.message)
            }
        }
        await pool.shutdown()
        if let failure { throw Failure(failure.code, "the plan above is not complete") }
        return rows
    }

    private func list(
        _ plan: PolicyPlan, _ index: Int, _ client: OperationsClient, _ state: WatchState,
        at now: Timestamp
    ) async throws(Failure) -> [PlannedOperation] {
        let service = plan.policy.services[index]
        var planner = Planner(plan, serviceIndex: index, state: state)
        for parent in service.parents {
            var walk = ListWalk()
            var token: String?
            repeat {
                let request = ListRequest(
                    parent: parent, filter: service.sentFilter, pageSize: service.pageSize,
                    pageToken: token)
                let label = "\(service.name) \(parent)"
                do throws(CallFailure) {
                    let page = try await client.list(request)
                    do throws(WireError) {
                        token = try planner.read(
                            page.body, limits: .listPage, at: at?.timestamp ?? page.time.date ?? now
                        )
                    } catch {
                        throw CallFailure.malformed(reason: error.description)
                    }
                } catch {
                    throw Failure(.unavailable, "\(label): \(error)")
                }
                let next = walk.advance(token: token, operations: 0, unreachable: 0)
                if case .failed(let reason) = next {
                    throw Failure(.unavailable, "\(label): \(reason)")
                }
            } while token != nil
        }
        return planner.operations(at: now)
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
