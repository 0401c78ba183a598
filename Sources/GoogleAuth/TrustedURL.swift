import OpwatchCore
import WireFormat

/// URLs that a credential file names: secrets go there, and a file is hostile until seen.
enum TrustedURL {
    /// - Returns: the URL, if it is https within the universe or at Google, or of this very
    ///   machine. A refusal does not repeat it: it may have a user, a password or a query.
    static func check(
        _ url: String, _ field: CredentialField, of file: CredentialFile, universe: String
    ) throws(AuthFailure) -> String {
        guard let origin = WebOrigin(url) else {
            throw file.failure("has a \(field.rawValue) that is no URL of a plain host")
        }
        let isOurs =
            Universe.holds(origin.host, universe) || Universe.holds(origin.host, Universe.google)
        guard LoopbackHost.isOne(origin.host) || origin.isSecure && isOurs else {
            throw file.failure(
                "has a \(field.rawValue) that is no https:// URL of \(universe), but of "
                    + origin.host)
        }
        return url
    }
}

extension CredentialFile {
    /// The domain that the file says its account lives in.
    func universe(_ fields: CredentialFields) throws(AuthFailure) -> String? {
        guard let universe = fields.text(.universeDomain) else { return nil }
        guard Universe.isDomain(universe) else {
            throw failure("has a universe_domain that is no domain such as \(Universe.google)")
        }
        return universe
    }

    /// The project that the file wants to be charged.
    func quotaProject(_ fields: CredentialFields) throws(AuthFailure) -> String? {
        guard let project = fields.text(.quotaProjectID) else { return nil }
        guard Credentials.isProject(project) else {
            throw failure("has a quota_project_id that is no id of a project")
        }
        return project
    }
}
