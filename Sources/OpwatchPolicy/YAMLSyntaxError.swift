/// Where and why a file is not YAML.
struct YAMLSyntaxError: Error {
    let mark: Mark
    /// Where that which could not be finished begins, e.g. an opening quote.
    let contextMark: Mark?
    let message: String

    /// Something that was opened is never closed.
    var isUnfinished: Bool { message.contains("end of stream") }
}
