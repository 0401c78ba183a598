internal import WireFormat

/// What a field may be.
struct FieldKinds {
    var simple: [SimpleKind]
    var hasNumbers = false
    var hasTexts = false

    /// What a running operation may have at a path: of the fields of every operation what the API
    /// says, of any other field everything.
    init(ofRunningAt path: FieldPath) {
        let keys = path.segments.map(\.text)
        switch (keys.first.flatMap(OperationField.init(rawValue:)), keys.count) {
        case (.name, 1):
            self.init(simple: [], hasTexts: true)
        case (.done, 1):
            self.init(simple: [.absent(countsAs: false), .boolean(false)])
        case (.metadata, 1), (.error, 1), (.response, 1):
            self.init(simple: [.absent(countsAs: nil), .object])
        case (.name, _), (.done, _):
            self.init(simple: [.orphan])
        case (.error, 2) where keys[1] == "code":
            self.init(simple: [.orphan, .absent(countsAs: nil)], hasNumbers: true)
        case (.error, 2) where keys[1] == "message":
            self.init(simple: [.orphan, .absent(countsAs: nil)], hasTexts: true)
        case (.metadata, _), (.error, _), (.response, _), (nil, _):
            let orphan: [SimpleKind] = keys.count > 1 ? [.orphan] : []
            self.init(
                simple: orphan + [
                    .absent(countsAs: nil), .boolean(false), .boolean(true), .object, .list,
                ], hasNumbers: true, hasTexts: true)
        }
    }

    private init(simple: [SimpleKind], hasNumbers: Bool = false, hasTexts: Bool = false) {
        self.simple = simple
        self.hasNumbers = hasNumbers
        self.hasTexts = hasTexts
    }
}

/// What a field may be, as far as it takes no further look to judge a comparison.
enum SimpleKind: Equatable, Sendable {
    /// Absent with its parent.
    case orphan
    /// Absent from a parent that is there; with the value that it then counts for.
    case absent(countsAs: Bool?)
    case boolean(Bool)
    case object
    /// A list, or something behind a list.
    case list
}
