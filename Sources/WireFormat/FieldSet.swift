/// The fields that a reader is to find, compiled once and used for every object.
///
/// Slots are dense: `0..<count`, in the order of the paths; equal paths share one.
package struct FieldSet: Sendable {
    private let slots: [FieldPath: Int]
    /// The trie, each node directly followed by everything below it; the first is the object.
    let nodes: [Node]
    /// The keys that lead from one node to another, sorted by node and bucket.
    let literals: [Literal]
    /// For each node its buckets: where in `literals` each begins, and at last where the last ends.
    let buckets: [Int]
    /// The bytes of all literals.
    let text: [UInt8]

    /// A point on the way of some paths.
    struct Node {
        /// The slot of the path that ends here; -1 when none does.
        let slot: Int
        /// How many segments lead here.
        let depth: Int
        /// One past the last node below this one.
        let end: Int
        /// Where the buckets begin.
        let firstBucket: Int
        /// A number of buckets, a power of two, less one; -1 for a node without keys.
        let bucketMask: Int
    }

    /// One spelling of one key.
    struct Literal {
        let hash: UInt64
        let start: Int
        let count: Int
        /// The node that it leads to.
        let node: Int
        let isTwin: Bool
    }

    /// Compiles the paths; meant to happen once for a policy, not for a page.
    package init(_ paths: [FieldPath]) {
        var builder = FieldSetBuilder()
        for path in paths { builder.insert(path) }
        builder.flatten()
        slots = builder.slots
        nodes = builder.nodes
        literals = builder.literals
        buckets = builder.buckets
        text = builder.text
    }

    /// The slot that a row keeps for the path; nil for a path that was not asked for.
    package func slot(_ path: FieldPath) -> Int? { slots[path] }

    /// How many slots there are.
    package var count: Int { slots.count }
}
