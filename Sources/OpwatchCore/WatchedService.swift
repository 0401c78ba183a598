package import FilterLanguage

/// The base URL of an API, the first half of an operation's identity.
///
/// Without a trailing slash and with the version, e.g. `https://ml.googleapis.com/v1`.
package struct Endpoint: Sendable, Hashable, CustomStringConvertible {
    package let description: String

    /// - Parameter base: normalised by the policy reader.
    package init(_ base: String) {
        description = base
    }
}

/// Which operations of a list are believed to belong to the parent that lists them.
package enum NameScope: String, Sendable, Equatable, CaseIterable {
    /// Those whose name begins with the parent; a `-` segment of it stands for any.
    case withinParent = "within_parent"
    /// All of them.
    case any
}

/// One `services[]` entry: an API endpoint and the parents listed under it.
package struct WatchedService: Sendable, Equatable {
    /// A unique label for people.
    package var name: String
    package var endpoint: Endpoint
    package var fields: FieldMap
    /// Resources under which operations are listed; `""` lists `/operations`.
    package var parents: [String]
    /// Sent to the server and checked again here.
    package var filter: Filter?
    /// The service's own dialect, only sent.
    package var serverFilter: String?
    /// From the start of one poll of a parent to the start of the next.
    package var interval = Duration.seconds(60)
    /// Operations asked for in one page.
    package var pageSize = 500
    /// List, get and cancel together.
    package var requestsPerMinute = 60
    package var credentials: Credentials
    package var names = NameScope.withinParent
    package var network = NetworkSettings()

    package init(
        name: String, endpoint: Endpoint, fields: FieldMap, parents: [String],
        credentials: Credentials = .none
    ) {
        self.name = name
        self.endpoint = endpoint
        self.fields = fields
        self.parents = parents
        self.credentials = credentials
    }

    /// What goes into the list request's `filter` parameter.
    package var sentFilter: String? { serverFilter ?? filter?.text }
}
