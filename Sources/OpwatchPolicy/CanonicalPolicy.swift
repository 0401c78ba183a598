import Crypto
import FilterLanguage
import OpwatchCore
import WireFormat

/// The form of a policy that its hash is taken of.
///
/// One JSON object without white space: every value that the daemon acts on, defaults filled
/// in, each in the same place whatever the file looked like. Comments, spacing, quoting and the
/// order of keys leave no trace; the order of services, parents and rules does.
///
///     {"form":1,"mode":"observe",
///      "services":[{"name","endpoint","fields":{…},"parents":[…],"filter","server_filter",
///                   "interval","page_size","requests_per_minute","credentials",
///                   "quota_project","universe_domain","impersonate","lifetime","proxy",
///                   "proxy_credentials","ca_file","client_certificate","client_key",
///                   "compression","names"}…],
///      "rules":[{"name","services":[…],"match","timeouts":{…},"warn_before","action"}…],
///      "safety":{…},"verify":{…},"journal":{…}}
///
/// Every key is there in every policy, but for those of a service from `quota_project` on, which
/// are younger than the others and left out where they are not set. What is not set is null, and
/// so are the `services` of a rule for all; durations are whole seconds, filters their canonical
/// text, `services` names in the order of the services. `form` changes whenever any of this does.
enum CanonicalPolicy {
    /// The first 16 hex digits of the SHA-256 of the canonical form.
    static func hash(of policy: Policy) -> PolicyHash {
        var hasher = SHA256()
        bytes(of: policy).withUnsafeBytes { hasher.update(bufferPointer: $0) }
        return PolicyHash(HexText.write(Array(hasher.finalize().prefix(8))))
    }

    static func bytes(of policy: Policy) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("form")
        writer.integer(2)
        writer.member("mode", policy.mode.rawValue)
        writer.key("services")
        writer.beginArray()
        for service in policy.services { write(service, to: &writer) }
        writer.endArray()
        writer.key("rules")
        writer.beginArray()
        for rule in policy.rules { write(rule, of: policy, to: &writer) }
        writer.endArray()
        write(policy.safety, to: &writer)
        writer.key("verify")
        writer.beginObject()
        writer.member("within", policy.verify.within)
        writer.member("attempts", policy.verify.attempts)
        writer.endObject()
        writer.key("journal")
        writer.beginObject()
        writer.member("keep", policy.retention.keep)
        writer.member("keep_audit", policy.retention.keepAudit)
        writer.member("max_size_bytes", Int(policy.retention.bytesMax))
        writer.endObject()
        writer.endObject()
        return writer.bytes
    }

    private static func write(_ service: WatchedService, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("name", service.name)
        writer.member("endpoint", service.endpoint.description)
        writer.key("fields")
        writer.beginObject()
        writer.member("create_time", service.fields.createTime.map(\.description))
        writer.member("start_time", service.fields.startTime.map(\.description))
        writer.member("update_time", service.fields.updateTime.map(\.description))
        writer.member("progress", service.fields.progress.map(\.description))
        writer.member("end_time", service.fields.endTime.map(\.description))
        writer.member("cancel_requested", service.fields.cancelRequested.map(\.description))
        writer.member("outcome_code", service.fields.outcomeCode.map(\.description))
        writer.endObject()
        writer.member("parents", service.parents)
        writer.member("filter", service.filter?.description)
        writer.member("server_filter", service.serverFilter)
        writer.member("interval", service.interval)
        writer.member("page_size", service.pageSize)
        writer.member("requests_per_minute", service.requestsPerMinute)
        write(service.credentials, to: &writer)
        write(service.network, to: &writer)
        if service.names != .withinParent { writer.member("names", service.names.rawValue) }
        writer.endObject()
    }

    /// What is left out is not written, so that a policy of before keeps its hash.
    private static func write(_ credentials: Credentials, to writer: inout JSONWriter) {
        writer.member("credentials", credentials.words)
        if let project = credentials.quotaProject { writer.member("quota_project", project) }
        if let universe = credentials.universe { writer.member("universe_domain", universe) }
        guard let impersonation = credentials.impersonation else { return }
        writer.member("impersonate", impersonation.delegates + [impersonation.account])
        writer.member("lifetime", impersonation.lifetime)
    }

    private static func write(_ network: NetworkSettings, to writer: inout JSONWriter) {
        switch network.proxy {
        case .environment: break
        case .none: writer.member("proxy", "none")
        case .server(let host, let port, _): writer.member("proxy", "\(host):\(port)")
        }
        for file in network.files { writer.member(file.key, file.name) }
        if !network.compression {
            writer.key("compression")
            writer.bool(false)
        }
    }

    private static func write(_ rule: Rule, of policy: Policy, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("name", rule.name)
        writer.member("services", rule.services?.sorted().map { policy.services[$0].name })
        writer.member("match", rule.match?.description)
        writer.key("timeouts")
        writer.beginObject()
        for clock in Clock.allCases { writer.member(clock.description, rule.timeouts[clock]) }
        writer.endObject()
        writer.member("warn_before", rule.warnBefore)
        writer.member("action", rule.action.rawValue)
        writer.endObject()
    }

    private static func write(_ safety: Safety, to writer: inout JSONWriter) {
        writer.key("safety")
        writer.beginObject()
        writer.member("confirmations", safety.confirmations)
        writer.member("cancels_per_poll", safety.cancelsPerPoll)
        writer.member("cancels_per_hour", safety.cancelsPerHour)
        writer.member("max_overdue_share_percent", safety.maxOverdueSharePercent)
        writer.member("max_failed_cancels", safety.maxFailedCancels)
        writer.key("canary")
        writer.bool(safety.canary)
        writer.endObject()
    }
}
