import WireFormat

/// Which names belong to the parent that lists them.
package struct ParentScope: Sendable, Equatable {
    /// Empty where everything belongs to it.
    private let parent: String

    private static let slash = UInt8(ascii: "/")

    /// - Parameter parent: `""` bounds nothing; a `-` segment stands for any.
    package init(_ parent: String, _ scope: NameScope) {
        self.parent = scope == .any ? "" : parent
    }

    /// Whether the name stands below the parent.
    package func contains(_ name: String) -> Bool {
        var (name, parent) = (name.utf8[...], parent.utf8[...])
        if parent.isEmpty { return true }
        while let segment = Self.takeSegment(of: &parent) {
            guard let end = name.firstIndex(of: Self.slash),
                segment.elementsEqual("-".utf8) || segment.elementsEqual(name[..<end])
            else { return false }
            name = name[name.index(after: end)...]
        }
        return !name.isEmpty
    }

    private static func takeSegment(
        of parent: inout Substring.UTF8View
    ) -> Substring.UTF8View? {
        if parent.isEmpty { return nil }
        let end = parent.firstIndex(of: slash) ?? parent.endIndex
        let segment = parent[..<end]
        parent = end == parent.endIndex ? parent[end...] : parent[parent.index(after: end)...]
        return segment
    }
}
