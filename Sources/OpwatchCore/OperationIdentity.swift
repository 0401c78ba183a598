import WireFormat

/// What tells one operation from another: a name is unique only inside its endpoint.
package struct OperationIdentity: Sendable, Hashable {
    package let endpoint: Endpoint
    /// The full resource name, e.g. `projects/acme/operations/x`; untrusted text.
    package let name: String

    package init(endpoint: Endpoint, name: String) {
        self.endpoint = endpoint
        self.name = name
    }

    /// The name without its last segment; what UNIMPLEMENTED is remembered for.
    package var collection: String {
        guard let slash = name.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "" }
        return String(name[..<slash])
    }

    /// Whether the name can stand in a URL; one that cannot is watched and never cancelled.
    package var isAddressable: Bool {
        do throws(NameError) {
            try URLPath.check(name)
            return true
        } catch {
            return false
        }
    }
}

/// The smallest unit of watching: one parent of one service.
package struct Partition: Sendable, Hashable {
    package let service: String
    package let endpoint: Endpoint
    package let parent: String

    package init(service: String, endpoint: Endpoint, parent: String) {
        self.service = service
        self.endpoint = endpoint
        self.parent = parent
    }
}

/// The number of an intent; counts up over the life of a journal, never reused.
package struct IntentID: Sendable, Hashable, Comparable {
    /// The seq of the intent's first line, from 1.
    package let number: UInt64

    package init(_ number: UInt64) {
        self.number = number
    }

    package static func < (left: Self, right: Self) -> Bool { left.number < right.number }
}
