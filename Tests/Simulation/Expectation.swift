/// What the seeds of a check must reach, so that nobody trusts a simulation that gets nowhere.
package enum Expectation {
    /// Those of these that were never reached.
    package static func missing(in reached: Reached) -> [String] {
        all.filter { reached[$0] == 0 }
    }

    /// Left out are the refusals that no run can reach: names that cannot stand in a URL or lie
    /// outside of their parent are refused before they are candidates, a GET about another name
    /// has no answer that counts, and the policies of runs have no filter. Damage needs a disk that
    /// loses what it had synced, which these disks do not.
    private static let all =
        [
            "cancelled", "finishedAnyway", "failedOtherwise", "vanished", "refused", "defied",
            "cancelledByOther", "late.cancelled", "late.finishedAnyway", "late.failedOtherwise",
            "late.vanished",
        ].map { "verdict.\($0)" }
        + [
            "policyRefused", "journalDown", "clocksDisagree", "warnOnlyPoll", "attemptOpen",
            "unsupported", "operationPaused", "servicePaused", "breakerOpen", "notConfirmed",
            "pollCapReached", "canaryOut", "hourlyBudgetSpent", "freshFetchTooOld",
            "freshCreationDiffers", "decidedOtherwise", "ruleOrClockChanged", "observing",
        ].map { "refusal.\($0)" }
        + ["share", "failedCancels", "closed"].map { "breaker.\($0)" }
        // Each call of the disk at which a process can die, and a death between two steps.
        + ["write", "syncFile", "create", "rename", "syncDirectory", "remove", "idle"]
        .map { "kill.\($0)" }
        + SimulatedDisk.Fault.allCases.map { "disk.\($0)" }
        + ["journal.held", "journal.checkpoint", "recovered.untold"]
        + ["reload.good", "reload.bad", "stop", "start", "clock", "post", "post.expired"]
        + [
            "asked", "deferred", "dropped", "finished", "intent", "moved", "policy", "relisted",
            "seen", "stalling", "started", "unlisted", "unsupported", "vanished", "warned",
            "withdrawn", "wouldCancel",
        ].map { "record.\($0)" }
        + [
            "cancelDenied", "cancelRefused", "cancelUnanswered", "unproven", "foreignCancel",
            "contradiction", "duplicateListing", "pollOverdue", "pollPartial", "pollRecovered",
            "journalDown", "journalRecovered", "clockDisagrees", "clockAgrees", "stopping",
        ].map { "told.\($0)" }
}
