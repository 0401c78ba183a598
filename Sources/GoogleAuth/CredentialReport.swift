import OpwatchCore

/// Where the tokens of a service come from and whether they come; never a token.
package struct CredentialReport: Sendable {
    /// Each place that was looked at, in order.
    package var places: [SearchedPlace] = []
    /// What was found, and whose it is.
    package var found: String?
    package var universe: String?
    package var quotaProject: String?
    package var outcome: Outcome

    /// What became of asking for a token.
    package enum Outcome: Sendable, Equatable {
        /// It is good for so long; nil where only its file tells.
        case token(goodFor: Duration?)
        case failed(AuthFailure)
        /// The service needs none.
        case notNeeded
    }
}

extension TokenSource {
    /// Finds the credential, and asks for a token with it, which is kept for the next request.
    package func report() async -> CredentialReport {
        var report = CredentialReport(outcome: .notNeeded)
        guard isUsed else { return report }
        do throws(AuthFailure) {
            let found = try await find(noting: &report.places)
            // Whether there is an account of the machine is known once it answers.
            if case .metadata = found.kind {} else { report.found = found.kind.words }
            if case .token = found.kind {} else { report.universe = universe(of: found) }
            report.quotaProject = quotaProject(of: found)
            let kept = try await fresh(from: found)
            keep(kept)
            report.outcome = .token(goodFor: kept.goodFor(at: world.instant()))
            report.found = found.kind.words
            if let email = await email(of: found.kind) {
                report.found = "service account \(email) of this machine"
            }
        } catch {
            report.outcome = .failed(error)
        }
        return report
    }

    /// Whose the machine's default account is, where the metadata server tells it.
    private func email(of kind: CredentialKind) async -> String? {
        guard case .metadata(let server) = kind, server.account == nil else { return nil }
        do throws(AuthFailure) {
            return try await server.email(in: world)
        } catch {
            return nil
        }
    }

    /// What is wrong with the file of the credential, as far as it can be seen from here without a
    /// network.
    package func inspect() -> FileFinding {
        let search = CredentialSearch(credentials: credentials, world: world)
        let file: CredentialFile
        let content: (bytes: [UInt8], fingerprint: FileFingerprint)
        do throws(AuthFailure) {
            guard let named = try search.file else { return .nothingToSee }
            file = named
            content = try file.read()
        } catch {
            return credentials.isInDirectory && world.variable("CREDENTIALS_DIRECTORY") == nil
                ? .nothingToSee : .unseen(error)
        }
        do throws(AuthFailure) {
            try check(try search.found(in: file, content))
            return .good
        } catch {
            return .bad(error)
        }
    }

    /// What looking at a credential's file gave.
    package enum FileFinding: Sendable, Equatable {
        case good
        /// No file is meant, or nobody can say from here which.
        case nothingToSee
        /// The file cannot be read from here; the daemon may.
        case unseen(AuthFailure)
        /// The daemon will find no token in it.
        case bad(AuthFailure)
    }
}
