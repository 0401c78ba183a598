import OperationsClient
import OpwatchCore
import OpwatchDaemon
import OpwatchProcess
import OpwatchSystemd
import WireFormat

/// Walks the lists of one service for a plan, with what the daemon does to get them all the same.
struct LiveList {
    private(set) var planner: Planner
    private let service: WatchedService
    private let client: OperationsClient
    private let clock: LiveClock
    /// Stands for the service's time, if given.
    private let instant: Timestamp?
    private var pageSize: Int
    /// What the service said to the filter, once it refused that.
    private var filterRefusal: String?

    /// How a walk over the pages of one parent ended.
    private enum WalkEnd {
        case whole(unreachable: [String], count: Int)
        case failed(CallFailure, pages: Int)
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
        pageSize = service.pageSize
    }

    /// Lists every parent; what is missing, odd or done in another way is told.
    mutating func readAll(into findings: inout PlanFindings) async {
        for parent in service.parents { await read(parent, into: &findings) }
        if let trouble = planner.clock.trouble {
            findings.remark("\(service.name): warning: \(trouble): it gets no cancels")
        }
        if pageSize < service.pageSize {
            findings.remark(
                "\(service.name): warning: page_size \(service.pageSize) is too much for the "
                    + "service; listed \(pageSize) at a time")
        }
        if let filterRefusal {
            findings.remark(
                "\(service.name): warning: the service refuses the filter, which is checked here "
                    + "instead: \(filterRefusal)")
        }
    }

    private mutating func read(_ parent: String, into findings: inout PlanFindings) async {
        let label = "\(service.name) \(parent)"
        let oldRefusal = filterRefusal
        var isRestarted = false
        while true {
            switch await walk(parent) {
            case .whole(_, count: 0): return
            case .whole(let unreachable, let count):
                let gap = ListingGap.unreachable(unreachable, count: count)
                return findings.miss("\(label): warning: \(gap)")
            case .stopped(let reason): return findings.miss("\(label): \(reason)")
            case .failed(let failure, let pages):
                if adapts(to: failure, pages: pages) { continue }
                // The token may have expired in mid-walk; that mends itself once.
                if pages > 0, failure.isRefusal, !isRestarted {
                    isRestarted = true
                    continue
                }
                // Without the filter it fails as well: then the filter is not the cause.
                filterRefusal = oldRefusal
                return findings.miss("\(label): \(failure)\(advice(on: failure))")
            }
        }
    }

    /// - Returns: whether another walk is worth a try.
    private mutating func adapts(to failure: CallFailure, pages: Int) -> Bool {
        // Behind the first page a refusal is likelier of the token.
        if failure.isOfPageSize, pages == 0 || !failure.isRefusal, pageSize > Limits.pageSizeMin {
            pageSize = max(Limits.pageSizeMin, pageSize / 2)
            return true
        }
        guard pages == 0, failure.isRefusal, filterRefusal == nil, service.serverFilter == nil,
            service.filter != nil
        else { return false }
        filterRefusal = failure.description
        return true
    }

    private func advice(on failure: CallFailure) -> String {
        failure.isOfPageSize ? "; page_size is \(pageSize)" : ""
    }

    private mutating func walk(_ parent: String) async -> WalkEnd {
        planner.begin(parent, at: instant ?? clock.now)
        var walk = ListWalk()
        var request = ListRequest(
            parent: parent, filter: filterRefusal == nil ? service.sentFilter : nil,
            pageSize: pageSize)
        while true {
            let end: Planner.PageEnd
            let context: AnswerContext
            do throws(CallFailure) {
                let page = try await client.list(request)
                noteClock(page.time.date)
                end = try read(page)
                context = page.context
            } catch {
                return .failed(error, pages: walk.pages)
            }
            let next = walk.advance(
                token: end.nextPageToken, operations: end.operationCount,
                unreachable: end.unreachable.map { context.redact($0) },
                count: end.unreachableCount)
            switch next {
            case .page(let token): request.pageToken = token
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

extension CallFailure {
    /// A definite no, which another way to ask may turn.
    fileprivate var isRefusal: Bool {
        switch self {
        case .refused, .unsupported: true
        case .throttled, .unauthenticated, .denied, .notFound, .wordless, .foreign, .unavailable,
            .malformed, .tooLarge, .timedOut, .notSent:
            false
        }
    }

    /// Whether fewer operations in a page may help.
    fileprivate var isOfPageSize: Bool {
        switch self {
        case .tooLarge: true
        case .refused(let error): error.code == .outOfRange
        case .throttled, .unauthenticated, .denied, .notFound, .unsupported, .wordless, .foreign,
            .unavailable, .malformed, .timedOut, .notSent:
            false
        }
    }
}
