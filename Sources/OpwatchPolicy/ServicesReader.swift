import FilterLanguage
import OpwatchCore

/// Reads `services:`.
struct ServicesReader {
    private static let keys = [
        "name", "api", "region", "endpoint", "fields", "parents", "filter", "server_filter",
        "interval", "page_size", "requests_per_minute", "names", "credentials", "impersonate",
        "quota_project", "universe_domain", "proxy", "proxy_credentials", "ca_file",
        "client_certificate", "client_key", "compression",
    ]

    let problems: ProblemList
    private var values: ValueReader { ValueReader(problems: problems) }
    private var quantities: QuantityReader { QuantityReader(problems: problems) }

    /// Every entry, in order.
    ///
    /// - Parameter proof: of the file.
    func read(_ entry: Section.Entry, proof: inout FilterProof) -> [ServiceDraft] {
        var drafts: [ServiceDraft] = []
        var names = UniqueNames(of: "services", problems: problems)
        for node in values.list(entry, of: "services") ?? [] {
            let draft = readService(node, proof: &proof)
            if let name = draft.name { names.insert(name) }
            drafts.append(draft)
        }
        return drafts
    }

    private func readService(_ node: YAMLNode, proof: inout FilterProof) -> ServiceDraft {
        var draft = ServiceDraft(mark: node.mark)
        guard let section = values.section(node, "a service", keys: Self.keys) else {
            draft.interval = nil
            return draft
        }
        draft.name = values.name(section, of: "a service")
        let url = AddressReader(problems: problems).read(section, into: &draft)
        draft.parents = ParentsReader(problems: problems).read(section)
        let serverFilter = readFilters(section, into: &draft, proof: &proof)
        readPace(section, into: &draft)
        let names = section["names"].flatMap { values.word($0, of: NameScope.self) }
        let credentials = CredentialsReader(problems: problems).read(section, url: url)
        let network = NetworkReader(problems: problems).read(section, url: url)

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

    /// - Returns: the `server_filter`; a `filter` goes into the draft.
    private func readFilters(
        _ section: Section, into draft: inout ServiceDraft, proof: inout FilterProof
    ) -> String? {
        if let filter = section["filter"], let sent = section["server_filter"] {
            problems.error(
                "a service has a filter or a server_filter, not both; filter is on line "
                    + "\(filter.keyMark.line)", at: sent.keyMark)
        }
        if let entry = section["filter"] {
            draft.filter = ExpressionReader(problems: problems).filter(entry, proof: &proof)
        }
        guard let entry = section["server_filter"], let scalar = values.scalar(entry) else {
            return nil
        }
        if scalar.text.allSatisfy(\.isWhitespace) {
            problems.error("server_filter must not be empty; leave it out", at: entry.value.mark)
        }
        return scalar.text
    }

    private func readPace(_ section: Section, into draft: inout ServiceDraft) {
        if let entry = section["interval"] {
            draft.interval = quantities.duration(entry, in: .seconds(1) ... .seconds(86_400))?.value
        }
        if let entry = section["page_size"] {
            draft.pageSize = quantities.integer(entry, in: 1...Limits.pageSizeMax)
        }
        if let entry = section["requests_per_minute"] {
            draft.requestsPerMinute = quantities.integer(entry, in: 1...60_000)
        }
    }
}
