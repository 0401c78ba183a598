import WireFormat

/// Every field that is ever asked for, by its dotted path.
enum CredentialField: String, CaseIterable {
    // Credential files.
    case type
    case privateKeyID = "private_key_id"
    case privateKey = "private_key"
    case clientEmail = "client_email"
    case clientID = "client_id"
    case clientSecret = "client_secret"
    case refreshToken = "refresh_token"
    case tokenURI = "token_uri"
    case tokenURL = "token_url"
    case universeDomain = "universe_domain"
    case quotaProjectID = "quota_project_id"
    case audience
    case subjectTokenType = "subject_token_type"
    case workforcePoolUserProject = "workforce_pool_user_project"
    case serviceAccountImpersonationURL = "service_account_impersonation_url"
    case serviceAccountImpersonationTokenLifetimeSeconds =
        "service_account_impersonation.token_lifetime_seconds"
    case delegates
    case sourceCredentials = "source_credentials"
    case sourceFile = "credential_source.file"
    case sourceURL = "credential_source.url"
    case sourceHeaders = "credential_source.headers"
    case sourceFormatType = "credential_source.format.type"
    case sourceFormatSubjectTokenFieldName = "credential_source.format.subject_token_field_name"
    case sourceExecutableCommand = "credential_source.executable.command"
    case sourceExecutableTimeoutMillis = "credential_source.executable.timeout_millis"
    case sourceExecutableOutputFile = "credential_source.executable.output_file"
    case sourceEnvironmentID = "credential_source.environment_id"
    case sourceRegionURL = "credential_source.region_url"
    case sourceRegionalCredVerificationURL = "credential_source.regional_cred_verification_url"
    case sourceSessionTokenURL = "credential_source.imdsv2_session_token_url"
    case installed
    case web
    // Answers of token services.
    case accessToken = "access_token"
    case expiresIn = "expires_in"
    case tokenType = "token_type"
    case error
    case errorDescription = "error_description"
    case errorMessage = "error.message"
    case errorStatus = "error.status"
    case iamAccessToken = "accessToken"
    case iamExpireTime = "expireTime"
    // What a program prints, and what the metadata service of AWS says.
    case version
    case success
    case idToken = "id_token"
    case samlResponse = "saml_response"
    case expirationTime = "expiration_time"
    case code
    case message
    case awsAccessKeyID = "AccessKeyId"
    case awsSecretAccessKey = "SecretAccessKey"
    case awsToken = "Token"

    /// Keys are told apart exactly: a credential has no twins in camelCase.
    var path: FieldPath {
        FieldPath(
            segments: rawValue.split(separator: ".").map {
                FieldSegment(String($0), isQuoted: true)
            })
    }
}
