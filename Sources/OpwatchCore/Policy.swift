/// Whether the daemon may send cancels at all.
package enum Mode: String, Sendable, Equatable, CaseIterable {
    /// Decides, warns and records what it would cancel; sends no cancel. The default.
    case observe
    /// Sends cancels that pass the gate.
    case enforce
}

/// First 16 hex digits of the SHA-256 over the canonical validated policy.
package struct PolicyHash: Sendable, Hashable, CustomStringConvertible {
    package let description: String

    /// - Parameter hex: 16 lower-case digits.
    package init(_ hex: String) {
        description = hex
    }
}

/// A validated policy: what is watched, what counts as too long, how careful to be.
///
/// Made only by the policy reader, so every value is inside its bounds and every name resolves.
package struct Policy: Sendable, Equatable {
    package var mode: Mode
    package var services: [WatchedService]
    /// In the order of the file; `ignore` wins anywhere, else the first match decides.
    package var rules: [Rule]
    package var safety: Safety
    package var verify: VerifySettings
    package var retention: Retention
    package var hash: PolicyHash

    /// Raised when the evaluation of an unchanged policy changes; journalled with the hash.
    package static let semantics = 2

    package init(
        mode: Mode = .observe,
        services: [WatchedService] = [],
        rules: [Rule] = [],
        safety: Safety = Safety(),
        verify: VerifySettings = VerifySettings(),
        retention: Retention = Retention(),
        hash: PolicyHash = PolicyHash("0000000000000000")
    ) {
        self.mode = mode
        self.services = services
        self.rules = rules
        self.safety = safety
        self.verify = verify
        self.retention = retention
        self.hash = hash
    }
}

/// The rails of the `safety:` section.
package struct Safety: Sendable, Equatable {
    /// Complete polls in a row in which an operation was overdue, at least 1.
    package var confirmations = 2
    /// Cancels one poll of one parent may start, at least 1.
    package var cancelsPerPoll = 5
    /// Cancels of the whole daemon in 60 minutes of server time, at least 1.
    package var cancelsPerHour = 20
    /// Percent of a service's live operations that may be cancellable before its breaker opens,
    /// 1...100.
    package var maxOverdueSharePercent = 50
    /// Refused or defied cancels in a row that open a service's breaker; 0 turns this off.
    package var maxFailedCancels = 3
    /// Whether a service's first cancel goes alone until its verdict.
    package var canary = true

    package init() {}
}

/// The `verify:` section: how a cancel that was asked for is proven.
package struct VerifySettings: Sendable, Equatable {
    /// Server time between answered GETs after which a still running operation ends an attempt.
    package var within = Duration.seconds(600)
    /// Attempts before the verdict `defied`, at least 1.
    package var attempts = 3

    package init() {}
}

/// The `journal:` section: how long files of the journal are kept that no start needs any more.
package struct Retention: Sendable, Equatable {
    /// After this only the audit lines of a file are kept.
    package var keep = Duration.seconds(30 * 86_400)
    /// After this those go too; not shorter than `keep`.
    package var keepAudit = Duration.seconds(400 * 86_400)
    /// Where the files are larger together, `keep` is cut short; `keepAudit` never is.
    package var bytesMax: Int64 = 256 << 20

    package init() {}
}
