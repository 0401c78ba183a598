/// The parents of one endpoint, by their segments.
struct ParentTree {
    private struct Node {
        var children: [Substring: Int] = [:]
        /// Positions of services that list here.
        var owners: [Int] = []
    }

    private var nodes = [Node()]
    /// Stands for any segment.
    private static let any: Substring = "-"

    mutating func insert(_ parent: String, of service: Int) {
        var node = 0
        for segment in parent.split(separator: "/") {
            if let child = nodes[node].children[segment] {
                node = child
            } else {
                nodes[node].children[segment] = nodes.count
                node = nodes.count
                nodes.append(Node())
            }
        }
        nodes[node].owners.append(service)
    }

    /// Services that list at the parent, above it or below it, each at least once.
    func services(overlapping parent: String) -> [Int] {
        var owners: [Int] = []
        var level = [0]
        for segment in parent.split(separator: "/") {
            owners += level.flatMap { nodes[$0].owners }
            level = level.flatMap { node -> [Int] in
                let children = nodes[node].children
                if segment == Self.any { return Array(children.values) }
                return [children[segment], children[Self.any]].compactMap { $0 }
            }
        }
        while !level.isEmpty {
            owners += level.flatMap { nodes[$0].owners }
            level = level.flatMap { nodes[$0].children.values }
        }
        return owners.sorted()
    }
}
