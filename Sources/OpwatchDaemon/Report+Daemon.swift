import OpwatchCore
import OpwatchEngine
import OpwatchPolicy
import OpwatchReports
import WireFormat

extension Report {
    static func started(version: String, stateDirectory: String) -> Report {
        Report(
            .started, "opwatchd \(version) started, journal in \(stateDirectory)",
            [(.version, version), (.file, stateDirectory)])
    }

    static func ready(services: Int, mode: Mode, tracked: Int) -> Report {
        Report(
            .ready,
            "watching \(services) services in mode \(mode.rawValue), "
                + "\(tracked) operations known from the journal",
            [(.mode, mode.rawValue), (.count, String(services))])
    }

    static func stopping(unproven: Int) -> Report {
        let open =
            unproven == 0
            ? "" : "; \(unproven) cancels are not proven yet and go on at the next start"
        return Report(.stopping, "stopping\(open)", [(.count, String(unproven))])
    }

    static func policyLoaded(_ policy: Policy, path: String) -> Report {
        Report(
            .policyLoaded,
            "policy \(policy.hash) from \(path) in force: mode \(policy.mode.rawValue), "
                + "\(policy.services.count) services, \(policy.rules.count) rules",
            [(.policy, policy.hash.description), (.mode, policy.mode.rawValue), (.file, path)])
    }

    static func policyRefused(_ errors: PolicyErrors, path: String, inForce: PolicyHash) -> Report {
        let first = errors.problems.first { $0.severity == .error }?.description ?? path
        return Report(
            .policyRefused,
            "policy refused, \(first); still under policy \(inForce), nothing is cancelled and "
                + "a restart would fail until the file is mended",
            [(.file, path), (.reason, first), (.policy, inForce.description)])
    }

    static func nothingToWatch(path: String) -> Report {
        Report(
            .nothingToWatch, "nothing to watch: edit \(path), then reload", [(.file, path)])
    }

    static func journalDown(reason: String, directory: String) -> Report {
        Report(
            .journalDown,
            "the journal cannot be written (\(reason)); going on without cancelling anything",
            [(.reason, reason), (.file, directory)])
    }

    static func journalRecovered(directory: String) -> Report {
        Report(.journalRecovered, "the journal is written again", [(.file, directory)])
    }

    static func journalDamaged(file: String, offset: Int64) -> Report {
        Report(
            .journalDamaged,
            "the journal is damaged in \(file) at byte \(offset); observing only",
            [(.file, file), (.offset, String(offset))])
    }

    static func dailySummary(_ counts: String, days: Bool) -> Report {
        Report(.dailySummary, "summary \(days ? "of a day" : "since the last one"): \(counts)")
    }

    /// - Parameter until: how long the token at hand is good.
    static func credentialsFailing(service: String, reason: String, until: Timestamp) -> Report {
        Report(
            .credentialsFailing,
            "\(service): no fresh token (\(reason)); the one at hand is good until "
                + "\(until.clockTime), trying again",
            [(.service, service), (.reason, reason)])
    }

    static func credentialsRecovered(service: String) -> Report {
        Report(
            .credentialsRecovered, "\(service): fresh tokens come again", [(.service, service)])
    }

    /// Stands for what is not shown of a kind, under the names of the last of them.
    static func more(like last: Report, _ kind: MessageKind, count: Int) -> Report {
        let names = last.fields.filter { kind.entry.fields.contains($0.name) }
        return Report(
            kind, "and \(count) more of this kind, the last: \(last.message)",
            names + [(.count, String(count))])
    }
}
