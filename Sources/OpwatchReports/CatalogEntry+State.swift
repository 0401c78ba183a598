/// The journal of opwatchd and the clocks.
extension CatalogEntry {
    static let journalDown = CatalogEntry(
        id: "a6b82254f4134774a747727f8c4049c1", priority: .error,
        subject: "opwatchd cannot write its journal",
        explanation: """
            Without its journal opwatchd cannot remember what it asked for, so nothing
            is cancelled until it can write again. Watching goes on. Make room or repair
            the file system of the state directory, /var/lib/opwatchd; it is tried again
            by itself.
            """)

    static let journalRecovered = CatalogEntry(
        id: "617e43e9a21849f2a5ae7919d0fe50cd", priority: .notice,
        subject: "opwatchd can write its journal again",
        explanation: """
            Everything that was to be written is on disk. Cancels are allowed again.
            """)

    static let journalDamaged = CatalogEntry(
        id: "3fcfe3959ddc4db394039edc41ee6e0a", priority: .error,
        subject: "The journal of opwatchd is damaged",
        explanation: """
            Bytes that were once safely written have changed; OPWATCH_FILE and
            OPWATCH_OFFSET tell where. The state up to the last good line is in use, the
            damaged file is kept, and until the damage is accepted opwatchd only
            observes.

            See what is lost with `opwatchd journal verify`, and look for the cause:
            disk errors, a copy made while the daemon ran, or an edit by hand. To go on
            with what is left, stop the daemon, run `opwatchd journal accept-damage`,
            and start it again.
            """)

    static let clockDisagrees = CatalogEntry(
        id: "2a0f8219e25b4a6d8eecafafed624847", priority: .warning,
        subject: "The clocks of service @OPWATCH_SERVICE@ and of this host differ",
        explanation: """
            The time in its answers is missing, or more than five minutes from the local
            clock. Ages would be wrong, so nothing of this service is cancelled;
            warnings use the local clock. See whether time synchronisation works here
            (`timedatectl`), then whether a proxy stands in between.
            """)

    static let clockAgrees = CatalogEntry(
        id: "3a7b4c6812074a3c989b9b10c76b2bd4", priority: .notice,
        subject: "The clocks of service @OPWATCH_SERVICE@ and of this host agree again",
        explanation: """
            Cancels of this service are allowed again.
            """)
}
