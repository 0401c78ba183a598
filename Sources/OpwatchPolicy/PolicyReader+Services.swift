import FilterLanguage
import OpwatchCore
import WireFormat

/// A `services[]` entry as far as it could be read; what is nil was reported.
struct ServiceDraft {
    /// Where the entry begins.
    let mark: Mark
    var name: Located<String>?
    var endpoint: Endpoint?
    var fields: FieldMap?
    /// Whether it has an address of its own, so that nothing is known of its operations but what
    /// the file says.
    var isOwn = false
    var filter: Expression?
    var parents: [Located<String>] = []
    var interval: Duration? = ServiceDraft.usual.interval
    var pageSize: Int? = ServiceDraft.usual.pageSize
    var requestsPerMinute: Int? = ServiceDraft.usual.requestsPerMinute
    /// Set unless something is missing; never nil in a file without errors.
    var service: WatchedService?

    init(mark: Mark) {
        self.mark = mark
    }

    /// Has the defaults of what a service may leave out.
    private static let usual = WatchedService(
        name: "", endpoint: Endpoint(""), fields: FieldMap(), parents: [])
}

extension PolicyReader {
    private static let serviceKeys = [
        "name", "api", "region", "endpoint", "fields", "parents", "filter", "server_filter",
        "interval", "page_size", "requests_per_minute", "names", "credentials", "impersonate",
        "quota_project", "universe_domain", "proxy", "proxy_credentials", "ca_file",
        "client_certificate", "client_key", "compression",
    ]

    /// Every entry of `services:`, in order.
    mutating func readServices(_ entry: Section.Entry) -> [ServiceDraft] {
        var drafts: [ServiceDraft] = []
        var lineOfName: [String: Int] = [:]
        for node in list(entry, of: "services") ?? [] {
            let draft = readService(node)
            if let name = draft.name {
                if let line = lineOfName[name.value] {
                    problems.error(
                        "two services are named \(name.value.quoted); the first is on line \(line)",
                        at: name.mark)
                } else {
                    lineOfName[name.value] = name.mark.line
                }
            }
            drafts.append(draft)
        }
        return drafts
    }

    private mutating func readService(_ node: YAMLNode) -> ServiceDraft {
        var draft = ServiceDraft(mark: node.mark)
        guard let section = section(node, "a service", keys: Self.serviceKeys) else {
            draft.interval = nil
            return draft
        }
        draft.name = name(section, of: "a service")
        let url = readAddress(section, into: &draft)
        if let parents = section["parents"] {
            draft.parents = readParents(parents)
        } else {
            problems.error(
                "a service needs parents, e.g. parents: [projects/acme]", at: section.mark)
        }
        let serverFilter = readFilters(section, into: &draft)
        readPace(section, into: &draft)
        let names = section["names"].flatMap { word($0, of: NameScope.self) }
        let credentials = readCredentials(section, url: url)
        let network = readNetwork(section, url: url)

        guard let name = draft.name, let endpoint = draft.endpoint, let fields = draft.fields,
            let interval = draft.interval, let pageSize = draft.pageSize,
            let requestsPerMinute = draft.requestsPerMinute, let credentials
        else { return draft }
        var service = WatchedService(
            name: name.value, endpoint: endpoint, fields: fields,
            parents: draft.parents.map(\.value), credentials: credentials)
        service.filter = draft.filter?.filter
        service.serverFilter = serverFilter
        service.interval = interval
        service.pageSize = pageSize
        service.requestsPerMinute = requestsPerMinute
        service.names = names ?? service.names
        service.network = network
        draft.service = service
        return draft
    }

    /// `api:` or `endpoint:` with `fields:`; the URL is nil for a built-in API.
    private mutating func readAddress(
        _ section: Section, into draft: inout ServiceDraft
    ) -> EndpointURL? {
        let apis = ServiceProfile.all.map(\.name)
        if let region = section["region"] {
            problems.error(
                "region is for an api that has regions; \(oneOf(apis)) has none",
                at: region.keyMark)
        }
        guard let endpoint = section["endpoint"] else {
            readAPI(section, into: &draft)
            return nil
        }
        if let api = section["api"] {
            problems.error(
                "a service has an api or an endpoint, not both; the api is on line "
                    + "\(api.keyMark.line)", at: endpoint.keyMark)
        }
        draft.isOwn = true
        draft.fields = section["fields"].map { readFields($0) } ?? FieldMap()
        guard let scalar = scalar(endpoint) else { return nil }
        do {
            let url = try EndpointURL(parsing: scalar.text)
            draft.endpoint = url.endpoint
            return url
        } catch {
            // User, password and query are where secrets stand in a URL.
            let isQuotable = !scalar.text.contains { "@?".contains($0) }
            let url = isQuotable ? " \(scalar.text.quoted)" : ""
            problems.error("endpoint\(url) \(error.message)", at: endpoint.value.mark)
            return nil
        }
    }

    private mutating func readAPI(_ section: Section, into draft: inout ServiceDraft) {
        let apis = ServiceProfile.all.map(\.name)
        if let fields = section["fields"] {
            problems.error(
                "fields is for an endpoint of your own; an api brings its fields",
                at: fields.keyMark)
        }
        guard let api = section["api"] else {
            problems.error(
                "a service needs an api (\(oneOf(apis))) or an endpoint", at: section.mark)
            return
        }
        guard let scalar = scalar(api) else { return }
        guard let profile = ServiceProfile.all.first(where: { $0.name == scalar.text }) else {
            problems.error(
                "unknown api \(scalar.text.quoted); this version has \(oneOf(apis)), "
                    + "any other is watched by its endpoint"
                    + didYouMean(scalar.text, in: apis), at: api.value.mark)
            return
        }
        draft.endpoint = profile.endpoint
        draft.fields = profile.fields
    }

    private mutating func readParents(_ entry: Section.Entry) -> [Located<String>] {
        guard let nodes = list(entry, of: "resource names") else { return [] }
        if nodes.isEmpty {
            problems.error(
                "parents must not be empty; \"\" alone lists at /operations", at: entry.value.mark)
        }
        var parents: [Located<String>] = []
        var seen: Set<String> = []
        for node in nodes {
            guard let scalar = scalar(node, label: "a parent") else { continue }
            guard seen.insert(scalar.text).inserted else {
                problems.error("parent \(scalar.text.quoted) is listed twice", at: node.mark)
                continue
            }
            if scalar.text.isEmpty {
                if nodes.count > 1 {
                    problems.error(
                        "the parent \"\" lists at /operations and stands alone", at: node.mark)
                }
            } else if let problem = Self.problem(withParent: scalar.text) {
                problems.error("parent \(scalar.text.quoted) \(problem)", at: node.mark)
                continue
            } else {
                warnOfCollection(scalar.text, at: node.mark)
            }
            parents.append(Located(value: scalar.text, mark: node.mark))
        }
        return parents
    }

    /// What is wrong with a parent that is not empty, as the end of a sentence.
    private static func problem(withParent name: String) -> String? {
        do throws(NameError) {
            _ = try URLPath.encode(name)
            return nil
        } catch {
            return "is no resource name: \(error)"
        }
    }

    /// A parent that names the collection is nearly always one word too long; its polls would say
    /// so only by a 404.
    private mutating func warnOfCollection(_ name: String, at mark: Mark) {
        let collection = "operations"
        guard name == collection || name.hasSuffix("/" + collection) else { return }
        let parent = name.dropLast(collection.utf8.count + 1)
        problems.warning(
            "parent \(name.quoted) ends in /\(collection), which is added by itself; "
                + "write \(parent.quoted)", at: mark)
    }

    /// - Returns: the `server_filter`; a `filter` goes into the draft.
    private mutating func readFilters(
        _ section: Section, into draft: inout ServiceDraft
    ) -> String? {
        if let filter = section["filter"], let sent = section["server_filter"] {
            problems.error(
                "a service has a filter or a server_filter, not both; filter is on line "
                    + "\(filter.keyMark.line)", at: sent.keyMark)
        }
        draft.filter = section["filter"].flatMap { expression($0) }
        if let filter = draft.filter { warn(of: filter) }
        guard let entry = section["server_filter"], let scalar = scalar(entry) else { return nil }
        if scalar.text.allSatisfy(\.isWhitespace) {
            problems.error("server_filter must not be empty; leave it out", at: entry.value.mark)
        }
        return scalar.text
    }

    private mutating func readPace(_ section: Section, into draft: inout ServiceDraft) {
        if let entry = section["interval"] {
            draft.interval = duration(entry, in: .seconds(1) ... .seconds(86_400))?.value
        }
        if let entry = section["page_size"] {
            draft.pageSize = integer(entry, in: 1...Limits.pageSizeMax)
        }
        if let entry = section["requests_per_minute"] {
            draft.requestsPerMinute = integer(entry, in: 1...60_000)
        }
    }
}
