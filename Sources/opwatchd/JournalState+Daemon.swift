import Glibc
import OpwatchJournal

extension JournalState {
    /// Whether a daemon runs on the journal, in words.
    ///
    /// The lock says so also where the journal cannot be written any more; who has it is what the
    /// last lines say.
    var daemon: String {
        let holder = recovered.isClosed ? nil : recovered.holder
        let isAlive = holder.map { kill($0.pid, 0) == 0 || errno == EPERM } ?? false
        guard isInUse ?? isAlive else {
            return "daemon not running" + (holder.map { " (it was \($0))" } ?? "")
        }
        guard let holder, isAlive else { return "daemon running" }
        return "daemon running (\(holder))"
    }
}
