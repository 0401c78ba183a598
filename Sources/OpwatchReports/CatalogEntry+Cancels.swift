/// Operations past a deadline, and the cancels sent for them.
extension CatalogEntry {
    static let warned = CatalogEntry(
        id: "549c7ac08d624e96b37210bb7d9ee550", priority: .warning,
        subject: "Operation @OPWATCH_OPERATION@ nears or has passed its deadline",
        explanation: """
            A rule will act on this operation, or only reports it. If it may go on,
            protect it now: a rule with `action: ignore` that matches it wins over all
            others.

            In enforce mode a rule with `action: cancel` and `warn_before:` cancels it
            no earlier than that time after this warning. `opwatchd plan` shows the
            rule and what its clock says now.
            """)

    static let wouldCancel = CatalogEntry(
        id: "60b380bb7dcc428599259401ca8b113d", priority: .notice,
        subject: "Operation @OPWATCH_OPERATION@ would be cancelled in enforce mode",
        explanation: """
            Everything that allows a cancel holds, except that the policy says
            `mode: observe`. Nothing was sent. If these messages name what you would
            cancel yourself, set `mode: enforce` and reload.
            """)

    static let cancelAsked = CatalogEntry(
        id: "28c00c5c216e46fe9da03e59e1a487f7", priority: .notice,
        subject: "The cancel of @OPWATCH_OPERATION@ was asked for",
        explanation: """
            The service accepted the request to cancel, which does not mean that the
            operation ends. opwatchd now reads it again until its end is proven; the
            verdict has a message of its own.
            """)

    static let withdrawn = CatalogEntry(
        id: "d3bd0a633f3041f98281b8f1269e2d99", priority: .notice,
        subject: "The cancel of @OPWATCH_OPERATION@ was withdrawn",
        explanation: """
            It was decided and recorded, but not sent: the last look at the operation,
            made just before, or what has happened since, no longer allowed it.
            OPWATCH_REASON says which. It is decided anew after a pause, which grows up
            to an hour while list and operation go on to differ; that is told once.
            """)

    static let deferred = CatalogEntry(
        id: "4e5b538eb42f405c9a6ab6ff8f62bac3", priority: .notice,
        subject: "The cancel of @OPWATCH_OPERATION@ waits",
        explanation: """
            A cap of `safety:` holds it back: so many cancels a poll or an hour, or the
            first cancel after a change whose end is not proven yet. The oldest deadline
            goes first. If this goes on, see in `opwatchd plan` whether all that it
            would cancel is meant, and only then raise the cap.
            """)

    static let foreignCancel = CatalogEntry(
        id: "b97e1e614640461a97a01a0e45db907e", priority: .notice,
        subject: "Operation @OPWATCH_OPERATION@ is being cancelled by someone else",
        explanation: """
            The service shows a cancel of this operation that opwatchd did not ask for.
            It sends none of its own and waits for the end.
            """)

    static let cancelDenied = CatalogEntry(
        id: "04f2d6080beb48a48cbde4ad482c925f", priority: .error,
        subject: "Service @OPWATCH_SERVICE@ denies opwatchd the right to cancel",
        explanation: """
            The credentials may list operations but not cancel this one. It is tried
            again in an hour. Where the next operation is denied as well, all cancels of
            this service are shut, except for one trial an hour; warnings go on.

            Grant the permission that the message names to the account of opwatchd, or
            set the rules of this service to `action: warn`.
            """)

    static let cancelUnanswered = CatalogEntry(
        id: "b4b7f6d51ab14e7fb5733e39d0bcf603", priority: .warning,
        subject: "The cancel of @OPWATCH_OPERATION@ was not answered",
        explanation: """
            The request may or may not have arrived. It is not repeated blindly: the
            operation is fetched again, and after `verify.within`, then twice as long
            each time up to an hour, a new cancel passes all checks once more. Each
            counts against the cancels of its hour; ten are the last. Other operations
            do not wait for this one.
            """)

    static let cancelRefused = CatalogEntry(
        id: "ba4e10a69ddf4ed0a576066484544bdd", priority: .warning,
        subject: "The cancel of @OPWATCH_OPERATION@ was refused",
        explanation: """
            The service answered with a definite no; the message has its own words. The
            operation is fetched once more. Where the refusal may pass (a state in which
            it cannot be cancelled) it is asked again after `verify.within`, then twice
            as long, `verify.attempts` times in all. A refusal costs nothing of the
            hour's cancels, and no other operation waits for it.
            """)

    static let unsupported = CatalogEntry(
        id: "152ccbdcd9794a2b8e68650b3ce7dff0", priority: .warning,
        subject: "Service @OPWATCH_SERVICE@ does not implement cancel here",
        explanation: """
            Operations of this collection and type of metadata answer UNIMPLEMENTED.
            That is remembered for seven days, during which none of them is asked to
            cancel; `opwatchd status` shows until when.
            Set the rules that match it to `action: warn`.
            """)

    static let unproven = CatalogEntry(
        id: "a8ce7add3e9e48d492c37032901aa520", priority: .warning,
        subject: "What became of the cancel of @OPWATCH_OPERATION@ is not known yet",
        explanation: """
            The cancel was accepted, but the service has not answered well enough since
            then to prove an end. The attempt stays open, and opwatchd goes on asking.
            See why the service does not answer: earlier messages of it say so.
            """)

    static let breakerOpen = CatalogEntry(
        id: "dc76d1606fa04a3bab8c48d1b4051b6a", priority: .warning,
        subject: "Cancels of service @OPWATCH_SERVICE@ are shut by its breaker",
        explanation: """
            Either too large a share of its live operations was due for a cancel at
            once, or several cancels in a row were refused or defied. Both look more
            like a wrong rule, clock or service than like so many stuck operations.
            Nothing of this service is cancelled; warnings and polls go on.

            Run `opwatchd plan` and see whether the operations it lists are really
            meant. The breaker closes by itself after three rounds below the share, each
            a complete poll of every parent, or an hour after failed cancels.
            """)

    static let breakerClosed = CatalogEntry(
        id: "6a6567450c58476198bb430246d16ab1", priority: .notice,
        subject: "Cancels of service @OPWATCH_SERVICE@ are allowed again",
        explanation: """
            What had opened the breaker is over. The next cancel of this service goes
            alone until its end is proven.
            """)
}
