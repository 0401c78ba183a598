package import OpwatchCore

/// How files that connections need are read; each is named as in the policy.
package struct ConnectionFiles: Sendable {
    /// Of what the name stands for now; nil where nothing can be found.
    package var fingerprint: @Sendable (String) -> FileFingerprint?
    /// All of it. Throws `.notSent`, which names the file, where it cannot be read.
    package var content: @Sendable (String) throws(CallFailure) -> [UInt8]

    package init(
        fingerprint: @escaping @Sendable (String) -> FileFingerprint?,
        content: @escaping @Sendable (String) throws(CallFailure) -> [UInt8]
    ) {
        self.fingerprint = fingerprint
        self.content = content
    }
}
