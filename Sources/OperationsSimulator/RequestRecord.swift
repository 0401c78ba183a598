package import WireFormat

/// What the simulator remembers of one request.
package struct RequestRecord: Sendable, Equatable {
    /// As on the wire, e.g. `GET`.
    package let method: String
    /// Path and query as on the wire.
    package let target: String
    /// Nil when it was no call of the API.
    package let call: SimulatedCall?
    /// The decoded name of the operation, or of a list's parent; nil with `call`.
    package let resource: String?
    /// The service's time at its arrival.
    package let time: Timestamp
    /// Of the whole `Authorization` header; nil without one. See `hash(ofAuthorization:)`.
    package let authorizationHash: UInt64?
    /// The `User-Agent` header.
    package let userAgent: String?
    /// The `Content-Type` header.
    package let contentType: String?
    /// The first 1 MiB of the body.
    package let body: [UInt8]
    /// The status of the answer; nil when none was sent.
    package let status: Int?

    /// What `authorizationHash` is for that header, e.g. `Bearer abc`; no secret is recorded.
    package static func hash(ofAuthorization value: String) -> UInt64 {
        Hash.fnv1a(value)
    }
}

/// The latest requests, and counts of all.
struct RequestLog: Sendable {
    private(set) var latest: [RequestRecord] = []
    private(set) var total = 0
    private(set) var cancelCounts: [String: Int] = [:]

    /// At least so many records are kept, at most twice as many.
    static let recordsMax = 10_000

    mutating func append(_ record: RequestRecord) {
        total += 1
        if record.call == .cancel, let name = record.resource {
            cancelCounts[name, default: 0] += 1
        }
        if latest.count == 2 * Self.recordsMax { latest.removeFirst(Self.recordsMax) }
        latest.append(record)
    }
}
