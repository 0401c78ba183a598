/// What became of a cancel; one of these ends each.
extension CatalogEntry {
    static let cancelled = CatalogEntry(
        id: "8c0d0a3dc41643b182d71744625face9", priority: .notice,
        subject: "Operation @OPWATCH_OPERATION@ was cancelled",
        explanation: """
            The service reports it as ended by a cancel (code 1), after opwatchd asked.
            Whoever owns the operation finds the rule, the clock and the age in the
            fields of this entry.
            """)

    static let finishedAnyway = CatalogEntry(
        id: "388a34da4164433f8c71c362c0d5b31d", priority: .notice,
        subject: "Operation @OPWATCH_OPERATION@ finished although it was to be cancelled",
        explanation: """
            It ended without an error before the cancel took effect. Its result is
            valid. If this is common, the timeout of the rule is close to the usual run
            time.
            """)

    static let failedOtherwise = CatalogEntry(
        id: "4a843923395342a78ad6ec990ed5b88f", priority: .notice,
        subject: "Operation @OPWATCH_OPERATION@ failed by itself while it was to be cancelled",
        explanation: """
            It ended with an error other than a cancel. Look at the operation for the
            cause: it may have been failing for the same reason that made it late.
            """)

    static let vanished = CatalogEntry(
        id: "db0275d708254d1bb44806650137b0fb", priority: .notice,
        subject: "Operation @OPWATCH_OPERATION@ is gone",
        explanation: """
            Two answers, some time apart, say that the service does not know it any
            more. Whether it was cancelled cannot be told.
            """)

    static let refused = CatalogEntry(
        id: "cac5c233688c4f7c8ce0cad2d4c5da6b", priority: .warning,
        subject: "Operation @OPWATCH_OPERATION@ cannot be cancelled",
        explanation: """
            The service says that it does not cancel this operation, in this state or at
            all, and it still runs. opwatchd does not ask again and reports its real end
            later. If it must end, end it by the means of that service.
            """)

    static let defied = CatalogEntry(
        id: "1e9af534dd6f42268f85c994b6071840", priority: .error,
        subject: "Operation @OPWATCH_OPERATION@ still runs after every cancel",
        explanation: """
            Each request to cancel was accepted, or ten had no answer that counts, the
            time to obey passed each time, and the operation still runs. Where it shows
            that a cancel was asked for, the time passed without another request.
            opwatchd does not ask again and reports its real end later.

            A human must look: end it by the means of that service, or ask the people
            who run it.
            """)

    static let cancelledByOther = CatalogEntry(
        id: "a57e0b3b9d364e3c827368f5cddddc91", priority: .notice,
        subject: "Operation @OPWATCH_OPERATION@ was cancelled by someone else",
        explanation: """
            The service reports it as ended by a cancel (code 1) for which opwatchd did
            not ask.
            """)

    static let late = CatalogEntry(
        id: "34630c9d4e70447c9b0139a7d96d31f3", priority: .notice,
        subject: "Operation @OPWATCH_OPERATION@ has ended after all",
        explanation: """
            It had refused or defied a cancel before and ended only now; the message
            says how.
            """)
}
