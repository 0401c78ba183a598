import OpwatchCore

extension SimulatedPolicy {
    /// The policy file.
    var text: String {
        var lines = ["version: 1", "mode: \(mode.rawValue)"]
        lines.append(services.isEmpty ? "services: []" : "services:")
        for service in services {
            lines += [
                "  - name: \(service.name)",
                "    endpoint: \(service.endpoint)",
                "    fields:",
                "      create_time: [metadata.createTime]",
                "      start_time: [metadata.startTime]",
                "      update_time: [metadata.updateTime]",
                "      cancel_requested: [metadata.isCancellationRequested]",
                "    parents: [\(service.parents.joined(separator: ", "))]",
                "    interval: \(service.interval.components.seconds)s",
                "    page_size: 10",
                "    requests_per_minute: 600",
                "    credentials: none",
            ]
        }
        lines.append("rules:")
        for rule in rules {
            lines.append("  - name: \(rule.name)")
            let match = rule.team.map { "metadata.labels.team = \"\($0)\"" } ?? "name:*"
            lines.append("    match: '\(match)'")
            let timeouts = [
                ("total", rule.total), ("running", rule.running), ("stalled", rule.stalled),
            ]
            .compactMap { name, time in time.map { "\(name): \($0.components.seconds)s" } }
            if !timeouts.isEmpty {
                lines.append("    timeouts: { \(timeouts.joined(separator: ", ")) }")
            }
            if let notice = rule.warnBefore {
                lines.append("    warn_before: \(notice.components.seconds)s")
            }
            lines.append("    action: \(rule.action.rawValue)")
        }
        lines += [
            "safety:",
            "  confirmations: \(confirmations)",
            "  cancels_per_poll: \(cancelsPerPoll)",
            "  cancels_per_hour: \(cancelsPerHour)",
            "  max_overdue_share: \(maxOverdueSharePercent)%",
            "  max_failed_cancels: \(maxFailedCancels)",
            "  canary: \(canary)",
            "verify: { within: \(verifyWithin.components.seconds)s, attempts: \(verifyAttempts) }",
            "",
        ]
        return lines.joined(separator: "\n")
    }
}
