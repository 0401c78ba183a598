import OperationsSimulator
import WireFormat

/// What the services were asked, as far as cancels are concerned.
struct SoakRequests {
    struct Call {
        let time: Timestamp
        /// Nil where the connection ended without an answer.
        let status: Int?
    }

    private(set) var posts: [String: [Call]] = [:]
    private(set) var gets: [String: [Call]] = [:]
    private var seen: [SoakService: Timestamp] = [:]
    private(set) var postCount = 0
    private(set) var count = 0
    /// When the `Date` of a service was missing or wrong.
    var dateless: [(service: SoakService, from: Timestamp, until: Timestamp)] = []

    /// Takes what came in since the last time.
    mutating func take(_ server: SimulatorHandle, of service: SoakService) {
        let last = seen[service] ?? .earliest
        let new = server.requests.reversed().prefix { $0.time > last }.reversed()
        for record in new {
            count += 1
            seen[service] = record.time
            guard let name = record.resource else { continue }
            let call = Call(time: record.time, status: record.status)
            switch record.call {
            case .cancel:
                postCount += 1
                posts[name, default: []].append(call)
            case .get: gets[name, default: []].append(call)
            case .list, nil: break
            }
        }
    }

    /// The last GET of the operation before that.
    func lastGet(of name: String, before time: Timestamp) -> Call? {
        gets[name]?.last { $0.time <= time }
    }

    mutating func clear() {
        (posts, gets, dateless) = ([:], [:], [])
    }
}
