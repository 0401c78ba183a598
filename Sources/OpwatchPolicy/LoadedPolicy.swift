package import OpwatchCore

/// A policy file that was accepted.
package struct LoadedPolicy: Sendable {
    /// What the file means, validated, with its hash.
    package let policy: Policy
    /// In the order of the file; never errors.
    package let warnings: [PolicyProblem]
    /// The file as it was read.
    package let text: String
}
