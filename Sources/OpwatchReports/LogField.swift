/// The fields of our own that a log line may carry; the raw value is the name in journald.
///
/// A closed list, so that no field can have a name that journald would refuse and each concept has
/// one name in `journalctl -o json`.
package enum LogField: String, Sendable, CaseIterable {
    /// Name of the `services[]` entry.
    case service = "OPWATCH_SERVICE"
    case parent = "OPWATCH_PARENT"
    /// Name of the operation as the API tells it.
    case operation = "OPWATCH_OPERATION"
    case rule = "OPWATCH_RULE"
    /// `total`, `queued`, `running` or `stalled`.
    case clock = "OPWATCH_CLOCK"
    case ageSec = "OPWATCH_AGE_SEC"
    case timeoutSec = "OPWATCH_TIMEOUT_SEC"
    /// RFC 3339.
    case deadline = "OPWATCH_DEADLINE"
    case verdict = "OPWATCH_VERDICT"
    case attempt = "OPWATCH_ATTEMPT"
    /// Id of the intent in the journal.
    case intent = "OPWATCH_INTENT"
    /// Hash of the policy in force.
    case policy = "OPWATCH_POLICY"
    /// `observe` or `enforce`.
    case mode = "OPWATCH_MODE"
    /// Why, in words: of a refusal, a failure or a withdrawal.
    case reason = "OPWATCH_REASON"
    /// Status code of an HTTP answer.
    case httpStatus = "OPWATCH_HTTP_STATUS"
    /// How many things one line speaks of.
    case count = "OPWATCH_COUNT"
    /// The bound that was reached.
    case limit = "OPWATCH_LIMIT"
    /// A file that the line is about.
    case file = "OPWATCH_FILE"
    /// Byte in that file.
    case offset = "OPWATCH_OFFSET"
    case version = "OPWATCH_VERSION"
    /// Log lines lost since the last one that came through.
    case dropped = "OPWATCH_DROPPED"
}
