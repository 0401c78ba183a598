import OpwatchCore

/// A `services[]` entry as far as it could be read; what is nil was reported.
struct ServiceDraft {
    /// Where the entry begins.
    let mark: Mark
    var name: Located<String>?
    var endpoint: Endpoint?
    var fields: FieldMap?
    /// Whether it has an address of its own, so that nothing is known of its operations but what
    /// the file says.
    var isOwn = false
    var filter: Expression?
    var parents: [Located<String>] = []
    var interval: Duration? = ServiceDraft.usual.interval
    var pageSize: Int? = ServiceDraft.usual.pageSize
    var requestsPerMinute: Int? = ServiceDraft.usual.requestsPerMinute
    /// Set unless something is missing; never nil in a file without errors.
    var service: WatchedService?

    init(mark: Mark) {
        self.mark = mark
    }

    /// Has the defaults of what a service may leave out.
    private static let usual = WatchedService(
        name: "", endpoint: Endpoint(""), fields: FieldMap(), parents: [])

    /// The service in a message that is placed elsewhere.
    var placed: String {
        (name.map { "service \($0.value.quoted)" } ?? "a service") + " (line \(mark.line))"
    }
}
