/// An HTTP request as the simulator sees it, body included.
struct SimulatedRequest: Sendable, Equatable {
    var method: String
    /// Path and query as on the wire, e.g. `/v1/projects/acme/operations?pageSize=2`.
    var target: String
    var headers: [SimulatedAnswer.Header]
    var body: [UInt8]

    init(
        _ method: String, _ target: String, headers: [SimulatedAnswer.Header] = [],
        body: [UInt8] = []
    ) {
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
    }

    /// The value of the first header of that name, whatever its case.
    func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}
