import FilterLanguage
import Testing

@testable import OpwatchCore

@Suite("A walk over the pages that begins again")
struct ListRetryTests {
    private typealias Way = ListWalk.Way

    private func service(filter: String?, serverFilter: String? = nil) throws -> WatchedService {
        var service = WatchedService(
            name: "ml", endpoint: .ml, fields: World.allClocks, parents: ["projects/acme"])
        service.filter = try filter.map { try Filter(parsing: $0) }
        service.serverFilter = serverFilter
        service.pageSize = 100
        return service
    }

    private static func refused(_ code: StatusCode) -> CallFailure {
        .refused(ServiceError(http: 400, code: code, message: "no"))
    }

    /// The walk of this way with so many pages read.
    private func walk(_ way: Way, pages: Int) -> ListWalk {
        var walk = ListWalk(way)
        for page in 0..<pages { _ = walk.advance(token: "\(page)", operations: 1) }
        return walk
    }

    @Test(
        "behind the first page a refusal restarts it once, as large and with its filter",
        arguments: [
            refused(.invalidArgument), refused(.outOfRange),
            .unsupported(ServiceError(http: 501, code: .unimplemented)),
        ])
    func restart(failure: CallFailure) throws {
        let service = try service(filter: "name:a")
        var size = PageSize(100)
        let way = Way(of: service, isFilterRejected: false, size)
        let again = try #require(
            walk(way, pages: 2).retry(after: failure, from: service, &size))
        #expect(again == Way(filter: "name:a", pageSize: size, isRestarted: true))
        #expect(size.current == 100)
        #expect(walk(again, pages: 1).retry(after: failure, from: service, &size) == nil)
    }

    @Test("a page that is too large is halved down to the least, wherever it stands")
    func tooLarge() throws {
        let service = try service(filter: nil)
        var size = PageSize(100)
        var way = Way(of: service, isFilterRejected: false, size)
        var sizes = [way.pageSize]
        let failure = CallFailure.tooLarge(limitBytes: 1)
        for pages in 0..<9 {
            let walk = walk(way, pages: pages % 2)
            guard let next = walk.retry(after: failure, from: service, &size) else { break }
            way = next
            sizes.append(way.pageSize)
        }
        #expect(sizes == [100, 50, 25, 12, 10])
    }

    @Test("a first page out of range is halved first, then asked for without the filter, then lost")
    func outOfRange() throws {
        let service = try service(filter: "name:a")
        let failure = Self.refused(.outOfRange)
        var size = PageSize(20)
        let way = Way(of: service, isFilterRejected: false, size)
        let half = try #require(walk(way, pages: 0).retry(after: failure, from: service, &size))
        #expect(half == Way(filter: "name:a", pageSize: size) && size.current == 10)
        let bare = try #require(walk(half, pages: 0).retry(after: failure, from: service, &size))
        #expect(
            bare == Way(filter: nil, pageSize: size, filterRefusal: failure.description))
        #expect(walk(bare, pages: 0).retry(after: failure, from: service, &size) == nil)
        // Only a page that can be read proves that it was the filter, and only the first does.
        #expect(walk(bare, pages: 0).provenFilterRefusal == failure.description)
        #expect(walk(bare, pages: 1).provenFilterRefusal == nil)
        #expect(walk(half, pages: 0).provenFilterRefusal == nil)
    }

    @Test("a filter of the service's own, or none, is not left out")
    func otherFilters() throws {
        var size = PageSize(100)
        let failure = Self.refused(.invalidArgument)
        for service in [
            try service(filter: nil), try service(filter: "name:a", serverFilter: "x"),
        ] {
            let way = Way(of: service, isFilterRejected: false, size)
            #expect(way.filter == service.serverFilter)
            #expect(walk(way, pages: 0).retry(after: failure, from: service, &size) == nil)
        }
        let known = Way(of: try service(filter: "name:a"), isFilterRejected: true, size)
        #expect(known == Way(filter: nil, pageSize: size))
    }

    @Test(
        "what another way to ask cannot mend ends it",
        arguments: [
            .denied(ServiceError(http: 403, code: .permissionDenied)), .malformed(reason: "x"),
            .throttled(ServiceError(http: 429, code: .resourceExhausted)),
            .timedOut(after: .seconds(30), sent: .maybe), .foreign(http: 200, reason: "x"),
        ] as [CallFailure])
    func over(failure: CallFailure) throws {
        let service = try service(filter: "name:a")
        var size = PageSize(100)
        let way = Way(of: service, isFilterRejected: false, size)
        for pages in 0...1 {
            #expect(walk(way, pages: pages).retry(after: failure, from: service, &size) == nil)
        }
        #expect(size.current == 100)
    }
}
