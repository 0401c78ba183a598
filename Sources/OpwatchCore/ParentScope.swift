import WireFormat

/// Which names belong to the parent that lists them.
package struct ParentScope: Sendable, Equatable {
    /// Of the parent; empty where everything belongs to it.
    private let segments: [Substring]

    /// - Parameter parent: `""` bounds nothing; a `-` segment stands for any.
    package init(_ parent: String, _ scope: NameScope) {
        segments = scope == .any ? [] : parent.split(separator: "/")
    }

    /// Whether the name stands below the parent.
    package func contains(_ name: String) -> Bool {
        if segments.isEmpty { return true }
        var rest = name[...]
        for segment in segments {
            guard let slash = rest.utf8.firstIndex(of: UInt8(ascii: "/")) else { return false }
            guard segment == "-" || rest[..<slash].utf8.elementsEqual(segment.utf8) else {
                return false
            }
            rest = rest[rest.utf8.index(after: slash)...]
        }
        return !rest.isEmpty
    }
}
