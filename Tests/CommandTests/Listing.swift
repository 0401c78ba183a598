import Foundation

/// What another JSON reader makes of the saved listing.
struct Listing {
    let name: String
    let isDone: Bool
    /// Whether the answer holds a creation time where the default fields look first.
    let isCreatedAtNoon: Bool

    static func recorded() throws -> [Listing] {
        let data = try Data(contentsOf: URL(filePath: Shipped.listing))
        let root = try JSONSerialization.jsonObject(with: data) as? [String: Any]
        return (root?["operations"] as? [[String: Any]] ?? []).map { operation in
            let metadata = operation["metadata"] as? [String: Any]
            let created = metadata?["createTime"] as? String
            return Listing(
                name: operation["name"] as? String ?? "",
                isDone: operation["done"] as? Bool ?? false,
                isCreatedAtNoon: created?.hasPrefix("2024-04-01T12:34:56.") == true
                    && metadata?["endTime"] == nil && operation["response"] == nil)
        }
    }
}
