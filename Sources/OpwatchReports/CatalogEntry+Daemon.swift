/// The daemon itself and its policy.
extension CatalogEntry {
    static let started = CatalogEntry(
        id: "adefe4de7534421580df804c76c67a0d", priority: .info,
        subject: "opwatchd has started",
        explanation: """
            It has read its command line and is about to read its policy and its
            journal. It is ready once a further message says so.
            """)

    static let ready = CatalogEntry(
        id: "578b79ee0e5845d499ae6cc132f1e87c", priority: .info,
        subject: "opwatchd is ready",
        explanation: """
            Policy and journal are loaded and the first polls are under way. Services
            need not have answered yet: a poll that fails has a message of its own.

            After a start the first poll of each parent only warns, so that nothing is
            cancelled on what was true before.
            """)

    static let stopping = CatalogEntry(
        id: "e937160ab7d546d2a95334c2b0e59bd4", priority: .info,
        subject: "opwatchd is stopping",
        explanation: """
            The call in hand is finished, no other is begun. Open cancels stand in the
            journal and are verified after the next start.
            """)

    static let policyLoaded = CatalogEntry(
        id: "ec592d5cfdde47e4ac0ff7becc09c8f5", priority: .notice,
        subject: "A policy is in force",
        explanation: """
            The policy file was read and accepted; OPWATCH_POLICY holds its hash and
            OPWATCH_MODE says whether cancels are sent (enforce) or only reported
            (observe).

            After changed rules the first cancel of each service goes alone until its
            end is proven.
            """)

    static let policyRefused = CatalogEntry(
        id: "4f01489ee7284515b4058e42c0ae78ae", priority: .error,
        subject: "The policy file was refused",
        explanation: """
            The file on disk has errors, cannot be read, or is gone. A running daemon
            goes on to watch and to verify under the last good policy, but sends no
            cancel while the file is refused; a reload fails with the reason, and so
            does a start.

            Run `opwatchd check` for all errors with line and column, correct the file,
            then run `systemctl reload opwatchd`.
            """)

    static let nothingToWatch = CatalogEntry(
        id: "7f020705ed624865a13c130c0c27c9a0", priority: .notice,
        subject: "The policy names no service",
        explanation: """
            The daemon runs and does nothing: `services:` of its policy is empty. Add a
            service and a rule to /etc/opwatchd/policy.yaml, try them with
            `opwatchd plan`, then run `systemctl reload opwatchd`.
            """)

    static let limitReached = CatalogEntry(
        id: "931314a436844223ae51ac0cd2196010", priority: .warning,
        subject: "A built-in limit was reached",
        explanation: """
            Something was larger than opwatchd is prepared to handle; the message names
            it, and OPWATCH_LIMIT the bound. What lies beyond the limit is left alone:
            it is neither tracked nor cancelled. A narrower `filter:` or more than one
            parent usually brings it below the limit.
            """)

    static let logDropped = CatalogEntry(
        id: "9668aabb9a594b1caba4d568ca4076e1", priority: .warning,
        subject: "Log lines were lost",
        explanation: """
            Lines came faster than the log took them, or the log stood still, and
            OPWATCH_DROPPED of them were given up, the least important first. The
            journal of opwatchd in its state directory is complete:
            `opwatchd journal dump` shows it. If this recurs, look at the state of
            systemd-journald.service.
            """)

    static let dailySummary = CatalogEntry(
        id: "6be16fe4b0f04a57b22348a627b86eb2", priority: .info,
        subject: "Summary of the last day",
        explanation: """
            What was watched and what came of it, once a day and at stop. Nothing has to
            be done.
            """)
}
