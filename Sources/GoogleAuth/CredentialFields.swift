import WireFormat

/// The fields of a credential file or of a token answer, by their dotted paths.
struct CredentialFields: Sendable {
    private let row: FieldRow

    /// Every field that is ever asked for.
    private static let paths = [
        "type", "project_id", "private_key_id", "private_key", "client_email", "client_id",
        "client_secret", "refresh_token", "token_uri", "token_url", "universe_domain",
        "quota_project_id", "audience", "subject_token_type", "workforce_pool_user_project",
        "service_account_impersonation_url",
        "service_account_impersonation.token_lifetime_seconds", "delegates", "source_credentials",
        "credential_source.file", "credential_source.url", "credential_source.headers",
        "credential_source.format.type", "credential_source.format.subject_token_field_name",
        "credential_source.executable.command", "credential_source.executable.timeout_millis",
        "credential_source.executable.output_file", "credential_source.environment_id",
        "credential_source.region_url", "credential_source.regional_cred_verification_url",
        "credential_source.imdsv2_session_token_url",
        // Answers.
        "access_token", "expires_in", "token_type", "error", "error_description", "error.message",
        "error.status", "accessToken", "expireTime",
        // What an executable prints, and what the AWS metadata service says.
        "version", "success", "id_token", "saml_response", "expiration_time", "code", "message",
        "AccessKeyId", "SecretAccessKey", "Token",
    ]
    private static let fields = FieldSet(paths.map(path))

    /// Keys are told apart exactly: a credential has no twins in camelCase.
    private static func path(_ dotted: String) -> FieldPath {
        FieldPath(
            segments: dotted.split(separator: ".").map {
                FieldSegment(String($0), isQuoted: true)
            })
    }

    /// - Throws: for anything but one JSON object.
    init(_ bytes: [UInt8]) throws(WireError) {
        var row = FieldRow()
        try ObjectReader.read(bytes, fields: Self.fields, limits: .body, into: &row)
        self.row = row
    }

    private func slot(_ path: String) -> Int {
        guard let slot = Self.fields.slot(Self.path(path)) else {
            preconditionFailure("\(path) is not in the list of paths")
        }
        return slot
    }

    func has(_ path: String) -> Bool { row.kind(slot(path)) != .absent }

    /// A text that is not empty.
    func text(_ path: String) -> String? {
        row.string(slot(path)).flatMap { $0.isEmpty ? nil : $0 }
    }

    /// A whole number, also where it stands in quotes.
    func integer(_ path: String) -> Int64? { row.integer(slot(path)) }

    func isTrue(_ path: String) -> Bool { row.kind(slot(path)) == .true }

    /// The texts of an array; nil where there is something else in it.
    func texts(_ path: String) -> [String]? {
        let elements = row.elements(slot(path))
        let texts = elements.compactMap { FieldValue($0, in: row.bytes).string }
        return texts.count == elements.count ? texts : nil
    }

    /// The members of an object that are texts.
    func members(_ path: String) -> [(name: String, value: String)] {
        row.members(slot(path)).compactMap { key, element in
            FieldValue(element, in: row.bytes).string.map { (key, $0) }
        }
    }

    /// The JSON of an object.
    func object(_ path: String) -> [UInt8]? {
        let slot = slot(path)
        return row.kind(slot) == .object ? Array(row.bytes[row.range(slot)]) : nil
    }

    /// A text at any dotted path, for the name that somebody chose for a field.
    static func text(_ name: String, of bytes: [UInt8]) -> String? {
        let path = FieldPath(segments: [FieldSegment(name, isQuoted: true)])
        let fields = FieldSet([path])
        var row = FieldRow()
        do throws(WireError) {
            try ObjectReader.read(bytes, fields: fields, limits: .body, into: &row)
        } catch {
            return nil
        }
        return fields.slot(path).flatMap { row.string($0) }
    }
}
