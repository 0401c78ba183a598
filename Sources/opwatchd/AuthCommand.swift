import ArgumentParser
import GoogleAuth
import OperationsClient
import OpwatchCore
import OpwatchDaemon
import OpwatchPolicy
import OpwatchProcess
import OpwatchReports
import WireFormat

/// `opwatchd auth`: where the credential comes from, and whether it works; never the token.
struct AuthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "auth",
        abstract: "Show where the credentials come from, and whether they work.",
        discussion: """
            For each service, or the one that is named: through which proxy it is reached, every \
            place that was looked at, whose credential was found, and whether it gives a token. \
            No token is ever shown. With --try the first parent of the service is listed too, \
            which changes nothing.

            A name in credentials: is looked for in $CREDENTIALS_DIRECTORY, which only the unit \
            has. To see what the daemon sees: systemd-run -P -p LoadCredential=NAME opwatchd auth

            Exits 77 where a token does not come, 69 where the list fails, 78 where a file that \
            the connection needs cannot be used.
            """)

    @Argument(help: "A service of the policy; all of them where it is left out.")
    var service: String?

    @OptionGroup var policyOption: PolicyOption

    @Flag(name: .customLong("try"), help: "List the first parent of each service, too.")
    var lists = false

    func run() async throws {
        ProcessMemory.forbidDumps()
        let policy: Policy
        do throws(PolicyErrors) {
            policy = try PolicyFile.load(path: policyOption.path).policy
        } catch {
            throw Failure(.configuration, error.description)
        }
        let services = try chosen(from: policy)
        let pools = HTTPPools.live(longestInterval: .seconds(60))
        let world = AuthWorld.live(pools: pools)
        var failure: SystemExit?
        for (index, service) in services.enumerated() {
            if index > 0 { Output.line("") }
            failure = await show(service, pools, world) ?? failure
        }
        await pools.shutdown()
        if let failure { throw Failure(failure, "") }
    }

    private func chosen(from policy: Policy) throws(Failure) -> [WatchedService] {
        guard let service else { return policy.services }
        let services = policy.services.filter { $0.name == service }
        guard services.isEmpty else { return services }
        let names = policy.services.map(\.name).joined(separator: ", ")
        throw Failure(
            .usage, "\(Untrusted.text(service)): the policy has no such service, only: \(names)")
    }

    /// - Returns: how the command ends for it, nil for well.
    private func show(
        _ service: WatchedService, _ pools: HTTPPools, _ world: AuthWorld
    ) async -> SystemExit? {
        Output.line("\(service.name) \(service.endpoint)")
        do throws(CallFailure) {
            let origin = try ServiceURL(service.endpoint).origin
            let proxy = try pools.inspect(origin, service.network)
            line("connects", proxy.map { "through the proxy \($0)" } ?? "without a proxy")
        } catch {
            line("connects", "not: \(error.cause)")
            return .configuration
        }
        let source = service.tokenSource(in: world)
        let report = await source.report()
        line("credentials", service.credentials.words)
        if let impersonation = service.credentials.impersonation {
            let accounts = impersonation.delegates + [impersonation.account]
            line("impersonates", accounts.joined(separator: ", then "))
        }
        for (index, place) in report.places.enumerated() {
            line(
                index == 0 ? "looked at" : "",
                "\(Untrusted.text(place.place, maxBytes: 512)): \(place.outcome)")
        }
        if let found = report.found { line("found", Untrusted.text(found, maxBytes: 1_024)) }
        if let universe = report.universe { line("universe", Untrusted.text(universe)) }
        if let project = report.quotaProject { line("charged to", Untrusted.text(project)) }
        switch report.outcome {
        case .notNeeded: line("token", "none is sent")
        case .token(let life?):
            line("scope", TokenSource.scope)
            line("token", "comes, good for \(DurationText.short(life))")
        case .token(nil): line("token", "is there; nobody says for how long it is good")
        case .failed(let failure):
            line("token", "does not come: \(failure)")
            return .permission
        }
        return lists ? await list(service, source, pools) : nil
    }

    private func list(
        _ service: WatchedService, _ source: TokenSource, _ pools: HTTPPools
    ) async -> SystemExit? {
        let client = service.client(Authorization(source), pools)
        let parent = service.parents.first ?? ""
        do throws(CallFailure) {
            _ = try await client.list(
                ListRequest(
                    parent: parent, filter: service.sentFilter, pageSize: Limits.pageSizeMin))
            line("list", "\(parent): ok")
            return nil
        } catch {
            line("list", "\(parent): \(Untrusted.text(error.description, maxBytes: 1_024))")
            return .unavailable
        }
    }

    private func line(_ label: String, _ text: String) {
        Output.line("  " + label + String(repeating: " ", count: 13 - label.count) + text)
    }
}
