import OperationsClient
import OpwatchCore
import OpwatchDaemon
import OpwatchProcess
import OpwatchSystemd
import WireFormat

/// Walks the lists of one service for a plan, as the daemon does.
struct LiveList {
    private(set) var planner: Planner
    private let service: WatchedService
    private let client: OperationsClient
    private let clock: LiveClock
    /// Stands for the service's time, if given.
    private let instant: Timestamp?
    private var pageSize: PageSize
    /// What the service said to the filter, once it refused that.
    private var filterRefusal: String?

    /// How a walk over the pages of one parent ended.
    private enum WalkEnd {
        case whole(unreachable: [String], count: Int)
        case failed(CallFailure, ListWalk)
        case stopped(reason: String)
    }

    init(
        of service: WatchedService, client: OperationsClient, planner: Planner, clock: LiveClock,
        instant: Timestamp?
    ) {
        self.service = service
        self.client = client
        self.planner = planner
        self.clock = clock
        self.instant = instant
        pageSize = PageSize(service.pageSize)
    }

    /// Lists every parent; what is missing, odd or done in another way is told.
    mutating func readAll(into findings: inout PlanFindings) async {
        for parent in service.parents { await read(parent, into: &findings) }
        if let trouble = planner.clock.trouble {
            findings.remark("\(service.name): warning: \(trouble): it gets no cancels")
        }
        if pageSize.current < service.pageSize {
            findings.remark(
                "\(service.name): warning: page_size \(service.pageSize) is too much for the "
                    + "service; listed \(pageSize.current) at a time")
        }
        if let filterRefusal {
            findings.remark(
                "\(service.name): warning: the service refuses the filter, which is checked here "
                    + "instead: \(filterRefusal)")
        }
    }

    private mutating func read(_ parent: String, into findings: inout PlanFindings) async {
        let label = "\(service.name) \(parent)"
        var way = ListWalk.Way(
            of: service, isFilterRejected: filterRefusal != nil, pageSize)
        while true {
            switch await walk(parent, way) {
            case .whole(_, count: 0): return
            case .whole(let unreachable, let count):
                let gap = ListingGap.unreachable(unreachable, count: count)
                return findings.miss("\(label): warning: \(gap)")
            case .stopped(let reason): return findings.miss("\(label): \(reason)")
            case .failed(let failure, let walk):
                guard let next = walk.retry(after: failure, from: service, &pageSize) else {
                    return findings.miss("\(label): \(failure)\(advice(on: failure))")
                }
                way = next
            }
        }
    }

    private func advice(on failure: CallFailure) -> String {
        failure.isOfPageSize ? "; page_size is \(pageSize.current)" : ""
    }

    private mutating func walk(_ parent: String, _ way: ListWalk.Way) async -> WalkEnd {
        planner.begin(parent, at: instant ?? clock.now)
        var walk = ListWalk(way)
        var token: String?
        while true {
            let end: Planner.PageEnd
            let context: AnswerContext
            do throws(CallFailure) {
                let page = try await client.list(walk.request(of: parent, token: token))
                noteClock(page.time.date)
                end = try read(page)
                context = page.context
            } catch {
                return .failed(error, walk)
            }
            if let refusal = walk.provenFilterRefusal { filterRefusal = refusal }
            let next = walk.advance(
                token: end.nextPageToken, operations: end.operationCount,
                unreachable: end.unreachable.map { context.redact($0) },
                count: end.unreachableCount)
            switch next {
            case .page(let next): token = next
            case .end:
                return .whole(unreachable: walk.unreachable, count: walk.unreachableCount)
            case .failed(let reason): return .stopped(reason: reason.description)
            }
        }
    }

    private mutating func read(_ page: PageAnswer) throws(CallFailure) -> Planner.PageEnd {
        do throws(WireError) {
            let now = instant ?? page.time.date ?? clock.now
            return try planner.read(page.body, limits: .listPage, at: now)
        } catch {
            throw .malformed(reason: page.context.complaint(page.body, error))
        }
    }

    /// A plan as of another instant says nothing of today's clocks.
    private mutating func noteClock(_ date: Timestamp?) {
        guard instant == nil, planner.clock.trouble == nil else { return }
        planner.clock = ServiceClock(date: date, local: clock.now)
    }
}
