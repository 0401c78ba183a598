/// A value of a YAML file and where it begins.
struct YAMLNode: Sendable {
    indirect enum Content: Sendable {
        case scalar(YAMLScalar)
        case sequence([YAMLNode])
        case mapping([YAMLEntry])
        /// Something already refused, such as an alias: no second complaint about it.
        case refused
    }

    let mark: Mark
    let content: Content

    /// How a message names what stands here.
    var kind: String {
        switch content {
        case .scalar: "a single value"
        case .sequence: "a list"
        case .mapping: "a mapping"
        case .refused: "something refused"
        }
    }
}

/// One key of a mapping with its value, in the order of the file.
struct YAMLEntry: Sendable {
    let key: String
    let keyMark: Mark
    let value: YAMLNode
}
