/// Which call of the API a request is.
enum Route: Hashable {
    case list(parent: String, query: ListQuery)
    case get(name: String)
    case cancel(name: String)

    /// The kinds of calls, for faults and records.
    var call: SimulatedCall {
        switch self {
        case .list: .list
        case .get: .get
        case .cancel: .cancel
        }
    }

    /// The operation's name, or the parent of a list.
    var resource: String {
        switch self {
        case .list(let parent, _): parent
        case .get(let name), .cancel(let name): name
        }
    }
}

/// The parameters of a list.
struct ListQuery: Hashable {
    var filter = ""
    var pageSize = 0
    var pageToken = ""
    var returnsPartialSuccess = false
}

/// Why a request is no call of the API; what is answered to it.
struct RouteError: Error {
    let answer: SimulatedAnswer

    init(_ status: RPCStatus, _ message: String) {
        answer = .failure(status, message)
    }
}

extension Route {
    /// Takes the target apart: the route by its literal text, names and values decoded after that.
    init(_ request: SimulatedRequest) throws(RouteError) {
        let parts = request.target.split(
            separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard let path = parts.first, path.hasPrefix("/v1/") else {
            throw RouteError(.notFound, "The requested URL was not found on this server.")
        }
        let query = parts.count > 1 ? parts[1] : ""
        let resource = path.dropFirst("/v1/".count)
        switch request.method {
        case "GET" where resource == "operations" || resource.hasSuffix("/operations"):
            let parent = try Self.name(resource.dropLast("operations".count), "/")
            self = .list(parent: parent, query: try ListQuery(query))
        case "GET":
            _ = try ListQuery.parameters(query, allowed: [])
            self = .get(name: try Self.name(resource, ""))
        case "POST" where resource.hasSuffix(":cancel"):
            _ = try ListQuery.parameters(query, allowed: [])
            self = .cancel(name: try Self.name(resource.dropLast(":cancel".count), ""))
        default:
            throw RouteError(.notFound, "No method \(request.method) on \(path).")
        }
    }

    private static func name(_ text: Substring, _ ending: String) throws(RouteError) -> String {
        let text = text.hasSuffix(ending) ? text.dropLast(ending.count) : text
        var segments: [String] = []
        for segment in text.split(separator: "/", omittingEmptySubsequences: false) {
            guard let decoded = PercentText.decode(segment) else {
                throw RouteError(.invalidArgument, "Malformed percent-encoding in '\(text)'.")
            }
            segments.append(decoded)
        }
        return segments.joined(separator: "/")
    }
}

extension ListQuery {
    /// Parameters that every method of the API knows and that change nothing here.
    private static let system: Set<String> = ["alt", "prettyPrint", "quotaUser", "$.xgafv"]

    init(_ query: Substring) throws(RouteError) {
        let known: Set<String> = ["filter", "pageSize", "pageToken", "returnPartialSuccess"]
        for (name, value) in try Self.parameters(query, allowed: known) {
            switch name {
            case "filter": filter = value
            case "pageToken": pageToken = value
            case "returnPartialSuccess": returnsPartialSuccess = value == "true"
            case "pageSize":
                guard let size = Int32(value) else {
                    throw RouteError(.invalidArgument, "Page size '\(value)' is no number.")
                }
                pageSize = Int(size)
            default: break
            }
        }
    }

    /// The decoded parameters; an unknown one is refused, as the real service does.
    static func parameters(
        _ query: Substring, allowed: Set<String>
    ) throws(RouteError) -> [(name: String, value: String)] {
        var parameters: [(name: String, value: String)] = []
        for pair in query.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = PercentText.decode(parts[0], plusIsSpace: true),
                let value = PercentText.decode(parts.count > 1 ? parts[1] : "", plusIsSpace: true)
            else { throw RouteError(.invalidArgument, "Malformed percent-encoding in '\(pair)'.") }
            guard allowed.contains(name) || system.contains(name) else {
                throw RouteError(.invalidArgument, "Unknown name \"\(name)\": no such parameter.")
            }
            parameters.append((name, value))
        }
        return parameters
    }
}
