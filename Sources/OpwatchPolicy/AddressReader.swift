import OpwatchCore

/// Reads where a service is asked and what its operations look like: `api:`, or `endpoint:` with
/// `fields:`.
struct AddressReader {
    let problems: ProblemList
    private var values: ValueReader { ValueReader(problems: problems) }
    /// Names of the built-in APIs.
    private var apis: [String] { ServiceProfile.all.map(\.name) }

    /// - Returns: the URL, nil for a built-in API and where it could not be read.
    func read(_ section: Section, into draft: inout ServiceDraft) -> EndpointURL? {
        if let region = section["region"] {
            problems.error(
                "region is for an api that has regions; \(apis.alternatives) has none",
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
        draft.fields =
            section["fields"].map { FieldsReader(problems: problems).read($0) } ?? FieldMap()
        guard let scalar = values.scalar(endpoint) else { return nil }
        do {
            let url = try EndpointURL(parsing: scalar.text)
            draft.endpoint = url.endpoint
            return url
        } catch {
            // User, password and query are where secrets stand in a URL.
            let isQuotable = !scalar.text.contains { "@?#".contains($0) }
            let url = isQuotable ? " \(scalar.text.quoted)" : ""
            problems.error("endpoint\(url) \(error.message)", at: endpoint.value.mark)
            return nil
        }
    }

    private func readAPI(_ section: Section, into draft: inout ServiceDraft) {
        if let fields = section["fields"] {
            problems.error(
                "fields is for an endpoint of your own; an api brings its fields",
                at: fields.keyMark)
        }
        guard let api = section["api"] else {
            problems.error(
                "a service needs an api (\(apis.alternatives)) or an endpoint", at: section.mark)
            return
        }
        guard let scalar = values.scalar(api) else { return }
        guard let profile = ServiceProfile.all.first(where: { $0.name == scalar.text }) else {
            problems.error(
                "unknown api \(scalar.text.quoted); this version has \(apis.alternatives), "
                    + "any other is watched by its endpoint"
                    + (NearestWord.question(for: scalar.text, in: apis) ?? ""),
                at: api.value.mark)
            return
        }
        draft.endpoint = profile.endpoint
        draft.fields = profile.fields
    }
}
