import WireFormat

/// One operation of a stage, as lists and GETs show it.
struct StageOperation {
    var name: String
    /// nil: not told.
    var created: Timestamp?
    /// When it changed last; nil: not told.
    var updated: Timestamp?
    var type = "CREATE_VERSION"
    /// The `@type` of its metadata; nil: not told.
    var kind: String?
    var labels: [String: String] = [:]
    var isFlagged = false
    /// The code of its end; nil while it runs.
    var code: Int?

    /// The full name of an operation of the stage's first parent.
    static func name(_ id: String, of parent: String = "projects/acme") -> String {
        "\(parent)/operations/\(id)"
    }

    var json: String {
        let labels = labels.sorted { $0.key < $1.key }
            .map { #""\#($0.key)":"\#($0.value)""# }.joined(separator: ",")
        let end =
            switch code {
            case nil: ""
            case 0?: #","done":true,"response":{}"#
            case let code?: #","done":true,"error":{"code":\#(code)}"#
            }
        let created = created.map { #""createTime":"\#($0)","# } ?? ""
        let kind = kind.map { #""@type":"\#($0)","# } ?? ""
        let updated = updated.map { #""updateTime":"\#($0)","# } ?? ""
        return #"{"name":"\#(name)","metadata":{\#(kind)\#(created)\#(updated)"#
            + #""operationType":"\#(type)","labels":{\#(labels)},"#
            + #""isCancellationRequested":\#(isFlagged)}\#(end)}"#
    }
}
