package import OpwatchCore
import Synchronization
package import WireFormat

/// The tokens of one service: made when they are needed, kept as long as they are good.
///
/// One refresh is under way at a time; who asks meanwhile gets the old token while it is good, and
/// waits otherwise. Nobody waits for a token that is only renewed ahead of its end: `renew` does
/// that, called by whoever has nothing else to do, so that no task is left alone.
package final class TokenSource: Sendable {
    /// What is told of a source: once when it turns, not at each try.
    package enum Transition: Sendable, Equatable {
        /// No fresh token comes; the one at hand is good for so long.
        case failing(AuthFailure, goodFor: Duration)
        case recovered
    }

    let credentials: Credentials
    private let host: String
    let world: AuthWorld
    private let tell: @Sendable (Transition) -> Void
    private let state = Mutex(State())

    private struct State {
        var kept: Kept?
        var trouble: Trouble?
        var isRefreshing = false
        var waiters: [CheckedContinuation<Void, Never>] = []
        var forcedAt: ContinuousClock.Instant?
    }

    private enum Step {
        case use(TokenGrant)
        case fail(AuthFailure)
        case refresh
        case wait
    }

    /// What a token that was refused is replaced after at the earliest, so that a service that
    /// refuses them all is not what wears the token endpoint out.
    private static let forcedPause = Duration.seconds(60)

    /// - Parameters:
    ///   - host: of the service, without port: a token goes to the universe that it was made for.
    ///   - tell: called from whatever task refreshes.
    package init(
        _ credentials: Credentials, host: String, world: AuthWorld,
        tell: @escaping @Sendable (Transition) -> Void = { _ in }
    ) {
        self.credentials = credentials
        self.host = host
        self.world = world
        self.tell = tell
    }

    /// Whether requests carry a token at all.
    package var isUsed: Bool { credentials.source != .none }

    /// A good token; waits for a fresh one where there is none. Nil if the service needs none.
    package func token() async throws(AuthFailure) -> TokenGrant? {
        guard isUsed else { return nil }
        while true {
            switch state.withLock({ step(&$0) }) {
            case .use(let grant): return grant
            case .fail(let failure): throw failure
            case .refresh:
                switch await refresh() {
                case .success(let kept): return kept.grant
                case .failure(let failure):
                    // Without a token that is good meanwhile, it is this caller's own.
                    guard let grant = goodGrant else { throw failure }
                    return grant
                }
            case .wait: await wait()
            }
            if Task.isCancelled { throw .stopped }
        }
    }

    /// The token at hand, without waiting: for a request that must leave now or not at all.
    package func tokenAtHand() throws(AuthFailure) -> TokenGrant? {
        guard isUsed else { return nil }
        let now = world.instant()
        let (kept, trouble) = state.withLock { ($0.kept, $0.trouble) }
        if let kept, kept.isGood(at: now), !kept.isReplaced { return kept.grant }
        // A file is at hand, whatever it says now.
        if case .token = credentials.source, credentials.impersonation == nil {
            let search = CredentialSearch(credentials: credentials, world: world)
            if let file = try search.file {
                let found = try search.found(in: file, try file.read())
                if case .token(let token) = found.kind {
                    return TokenGrant(token: token, quotaProject: quotaProject(of: found))
                }
            }
        }
        throw trouble?.failure ?? .unavailable("no token is at hand")
    }

    /// Lets a token go that a service refused; the next one is made, or read, anew.
    package func letGo(_ refused: BearerToken) {
        let now = world.instant()
        state.withLock { state in
            guard state.kept?.grant.token == refused else { return }
            if state.kept?.goodUntil != nil, let forcedAt = state.forcedAt,
                now < forcedAt.advanced(by: Self.forcedPause)
            {
                return
            }
            state.forcedAt = now
            // Kept all the same: it may be all that there is until a fresh one comes.
            state.kept?.isRefused = true
        }
    }

    /// Asks for a fresh token ahead of the old one's end, if that is due and nobody asks already.
    package func renew() async {
        let now = world.instant()
        let isDue = state.withLock { state in
            guard let kept = state.kept, kept.isGood(at: now), kept.isDue(at: now),
                !state.isRefreshing, state.trouble?.isResting(at: now) != true
            else { return false }
            state.isRefreshing = true
            return true
        }
        if isDue { _ = await refresh() }
    }

    /// An operator may know better: what did not come is asked for again at once.
    package func endRest() {
        state.withLock { $0.trouble?.endRest() }
    }

    private func step(_ state: inout State) -> Step {
        let now = world.instant()
        if let kept = state.kept, kept.isGood(at: now), !kept.isReplaced {
            let isResting = state.trouble?.isResting(at: now) ?? false
            let isWanted = kept.isRefused || kept.isFileChanged && !isResting
            guard isWanted, !state.isRefreshing else { return .use(kept.grant) }
        } else if state.isRefreshing {
            return .wait
        } else if let trouble = state.trouble, trouble.isResting(at: now) {
            return .fail(trouble.failure)
        }
        state.isRefreshing = true
        return .refresh
    }

    private func wait() async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if !state.isRefreshing { return true }
                state.waiters.append(continuation)
                return false
            }
            if isOver { continuation.resume() }
        }
    }

    /// Takes a token that was made outside the usual turn.
    func keep(_ kept: Kept) {
        state.withLock { $0.kept = kept }
    }

    private var goodGrant: TokenGrant? {
        let now = world.instant()
        let kept = state.withLock { $0.kept }
        guard let kept, kept.isGood(at: now), !kept.isReplaced else { return nil }
        return kept.grant
    }

    /// Tries once; whoever waits looks again afterwards.
    private func refresh() async -> Result<Kept, AuthFailure> {
        // As they are before the try: what changes during it is worth another one.
        let file = file
        let fingerprint = file?.fingerprint
        let outcome = await TimeLimit.run(Limits.tokenTimeout, in: world) {
            () async throws(AuthFailure) in
            var places: [SearchedPlace] = []
            let kept = try await self.fresh(from: try await self.find(noting: &places))
            guard kept.isGood(at: self.world.instant()) else {
                throw .unavailable("the token that came is over already")
            }
            return kept
        }
        let now = world.instant()
        let (waiters, transition) = state.withLock { state in
            state.isRefreshing = false
            defer { state.waiters = [] }
            let trouble = outcome.failure.map {
                Trouble(
                    $0, after: state.trouble, file: file, fingerprint: fingerprint, at: now,
                    jitter: world.jitter)
            }
            return (state.waiters, take(outcome, trouble, into: &state, at: now))
        }
        for waiter in waiters { waiter.resume() }
        if let transition { tell(transition) }
        return outcome
    }

    private func take(
        _ outcome: Result<Kept, AuthFailure>, _ trouble: Trouble?, into state: inout State,
        at now: ContinuousClock.Instant
    ) -> Transition? {
        state.kept?.isRefused = false
        switch outcome {
        case .success(let kept):
            defer { state.trouble = nil }
            state.kept = kept
            return state.trouble?.isTold == true ? .recovered : nil
        case .failure(.stopped): return nil
        case .failure(let failure):
            state.trouble = trouble
            // Without a token requests fail, and whoever sends them tells.
            guard let left = state.kept?.goodFor(at: now), trouble?.isTold == false else {
                return nil
            }
            state.trouble?.isTold = true
            return .failing(failure, goodFor: left)
        }
    }

    /// The file that has to change for a lasting failure to pass.
    private var file: CredentialFile? {
        do throws(AuthFailure) {
            return try CredentialSearch(credentials: credentials, world: world).file
        } catch {
            return nil
        }
    }

    /// Finds the credential, and sees that it is for this service.
    func find(noting places: inout [SearchedPlace]) async throws(AuthFailure)
        -> CredentialSearch.Found
    {
        let search = CredentialSearch(credentials: credentials, world: world)
        guard let found = try await search.find(noting: &places) else {
            throw .setup("no credential is configured")
        }
        try check(found)
        return found
    }

    /// A token goes to services of the domain that its account lives in.
    func check(_ found: CredentialSearch.Found) throws(AuthFailure) {
        switch found.kind {
        // Nobody but its owner knows what a token by itself is for.
        case .token: return
        case .metadata: break
        case .serviceAccount, .authorizedUser, .external, .impersonated:
            let own = found.kind.universe ?? Universe.google
            guard credentials.universe.map({ $0 == own }) ?? true else {
                throw .setup("the credential is of \(own), and universe_domain: says another")
            }
        }
        let universe = universe(of: found)
        guard Universe.holds(host, universe) || LoopbackHost.isOne(host) else {
            throw .setup(
                "the credential is for services of \(universe), and "
                    + "\(RemoteText.clean(host)) is none: name its endpoint, or other credentials")
        }
    }

    func fresh(from found: CredentialSearch.Found) async throws(AuthFailure) -> Kept {
        let asked = world.instant()
        let issued = try await found.kind.issue(
            scope: Self.scope, takesSelfSigned: Universe.holds(host, universe(of: found)),
            in: world)
        return Kept(
            grant: TokenGrant(token: issued.token, quotaProject: quotaProject(of: found)),
            life: issued.life, since: asked, file: found.file, fingerprint: found.fingerprint)
    }

    func universe(of found: CredentialSearch.Found) -> String {
        credentials.universe ?? found.kind.universe ?? Universe.google
    }

    /// The policy before the environment before the credential's own file.
    func quotaProject(of found: CredentialSearch.Found) -> String? {
        let named = world.variable(Self.quotaVariable)
        return credentials.quotaProject ?? named.flatMap { Credentials.isProject($0) ? $0 : nil }
            ?? found.kind.quotaProject
    }

    private static let quotaVariable = "GOOGLE_CLOUD_QUOTA_PROJECT"

    /// What tokens are asked for: all that the account may do in Google Cloud.
    package static let scope = "https://www.googleapis.com/auth/cloud-platform"
}

extension Result {
    fileprivate var failure: Failure? {
        if case .failure(let failure) = self { failure } else { nil }
    }
}
