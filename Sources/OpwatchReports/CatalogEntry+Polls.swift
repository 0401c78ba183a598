/// What the services answer to a poll.
extension CatalogEntry {
    static let pollFailed = CatalogEntry(
        id: "c64cc57f53c142b381a6006e11ed82fd", priority: .warning,
        subject: "Service @OPWATCH_SERVICE@ cannot be polled",
        explanation: """
            No usable answer came; the message says why. Until a complete poll succeeds
            nothing of this parent is cancelled and no operation counts as gone.
            opwatchd tries again, and where the service asked to be left alone the
            message says until when; other services and parents are not affected.

            If the message names credentials or a permission, correct those. A token
            that is put into /etc/credstore reaches the daemon with a restart, not with
            a reload.
            """)

    static let pollRecovered = CatalogEntry(
        id: "1ed3cd0d5b0742fc8591b3419f78e266", priority: .notice,
        subject: "Service @OPWATCH_SERVICE@ can be polled again",
        explanation: """
            A complete poll succeeded after failed ones. After a gap of more than three
            intervals an operation has to be found overdue as often as if it were new
            before it is cancelled.
            """)

    static let credentialsFailing = CatalogEntry(
        id: "1123faef1b91413bb0ac14ec7c0d7ca3", priority: .warning,
        subject: "No fresh token comes for service @OPWATCH_SERVICE@",
        explanation: """
            The token at hand is good until the time in the message; until then nothing
            changes. Afterwards polls of the service fail, and nothing of it is
            cancelled. opwatchd tries again by itself. OPWATCH_REASON says what failed;
            `opwatchd auth` shows where the credential comes from and tries it.
            """)

    static let credentialsRecovered = CatalogEntry(
        id: "2b6384e28caf48a5a52b39ccd728526b", priority: .notice,
        subject: "Fresh tokens come again for service @OPWATCH_SERVICE@",
        explanation: """
            Nothing is to be done.
            """)

    static let pollPartial = CatalogEntry(
        id: "5f76dbc45d914aeba44b98d34d9c6212", priority: .warning,
        subject: "Service @OPWATCH_SERVICE@ listed only a part of its operations",
        explanation: """
            It named places that it could not reach. What was listed is watched, but
            such a poll confirms nothing, and what is missing from it does not count as
            gone.
            """)

    static let pollOverdue = CatalogEntry(
        id: "fb634ed841da426794af9e8ae7240b72", priority: .warning,
        subject: "Service @OPWATCH_SERVICE@ had no complete poll for three intervals",
        explanation: """
            Its picture is out of date, so nothing of this parent is cancelled and
            warnings may come late. OPWATCH_REASON has the cause, as far as it is known.
            If polls succeed but take too long, raise `interval:`, `page_size:` or
            `requests_per_minute:`.
            """)

    static let contradiction = CatalogEntry(
        id: "6a1fb41f4df443a5a5d0ba96cf906a65", priority: .warning,
        subject: "Operation @OPWATCH_OPERATION@ is kept, whatever its rule says",
        explanation: """
            A time of it cannot be read, lies before 2008 or in the future, its state
            contradicts itself or what was known of it, or its name cannot stand in a
            URL or lies outside the parent that lists it. It is never cancelled, and
            reported once. If every operation of a service is affected, see whether
            `fields:` of the policy names the right ones, or whether `names: any` is
            meant.
            """)

    static let unlisted = CatalogEntry(
        id: "be18fb6184224a39a329ce704906dd0b", priority: .warning,
        subject: "Operation @OPWATCH_OPERATION@ runs but is no longer listed",
        explanation: """
            It is missing from complete polls, yet the service knows it when asked by
            name. It is looked at now and then and never cancelled. Has `filter:`
            changed, or does the list hide such operations?
            """)

    static let duplicateListing = CatalogEntry(
        id: "9add6b45719748999139a01b044a6282", priority: .warning,
        subject: "Operation @OPWATCH_OPERATION@ is listed by two parents",
        explanation: """
            It belongs to the parent that listed it first; the other one leaves it
            alone. Remove the overlap of `parents:` or of services in the policy.
            """)

    static let filterRejected = CatalogEntry(
        id: "541fb07763874a81a3facfdbcb25881c", priority: .warning,
        subject: "Service @OPWATCH_SERVICE@ does not understand the filter",
        explanation: """
            Its list method refuses `filter:`. Operations are listed without it and the
            filter is applied here, which costs more transfer and nothing else. Use
            `server_filter:` for a dialect of the service's own.
            """)

    static let filterDropsAll = CatalogEntry(
        id: "226e6e88a0cb473da8a1879398d6d6e4", priority: .warning,
        subject: "The filter lets no operation of service @OPWATCH_SERVICE@ pass",
        explanation: """
            The service listed operations, and every one was dropped when the filter was
            checked again here. Most likely the filter names a field that these
            operations do not have: try it with `opwatchd filter`.
            """)
}
