import FilterLanguage

extension ListWalk {
    /// How the pages of a walk are asked for.
    package struct Way: Sendable, Equatable {
        /// Sent with each request.
        package let filter: String?
        /// Operations asked for in one page.
        package let pageSize: Int
        /// What the service said to the walk before, which had the filter; this one shows whether
        /// the list works without.
        package let filterRefusal: String?
        /// The walk before broke off after its first page.
        package let isRestarted: Bool

        init(
            filter: String?, pageSize: PageSize, filterRefusal: String? = nil,
            isRestarted: Bool = false
        ) {
            self.filter = filter
            self.pageSize = pageSize.current
            self.filterRefusal = filterRefusal
            self.isRestarted = isRestarted
        }

        /// Of a walk that follows no other.
        /// - Parameter isFilterRejected: the service was found to refuse the filter.
        package init(of service: WatchedService, isFilterRejected: Bool, _ pageSize: PageSize) {
            self.init(
                filter: isFilterRejected ? nil : service.sentFilter, pageSize: pageSize)
        }
    }

    /// How the page of a token is asked for; nil for the first.
    package func request(of parent: String, token: String?) -> ListRequest {
        ListRequest(
            parent: parent, filter: way.filter, pageSize: way.pageSize, pageToken: token)
    }

    /// What the service has against its filter, once a page shows that the same list works without.
    /// Ask before that page is counted.
    package var provenFilterRefusal: String? { pages == 0 ? way.filterRefusal : nil }

    /// In which way the walk begins again after a page that failed; nil where it is over.
    ///
    /// Each way is either smaller than the one before, or without the filter, or the one restart of
    /// its kind, so that a row of them ends.
    /// - Parameter pageSize: of the service; becomes smaller where a page was too large.
    package func retry(
        after failure: CallFailure, from service: WatchedService, _ pageSize: inout PageSize
    ) -> Way? {
        switch failure {
        case .refused, .unsupported:
            // The token may have expired in mid-walk; that mends itself once.
            guard pages == 0 else {
                return way.isRestarted ? nil : again(pageSize, isRestarted: true)
            }
            if failure.isOfPageSize, pageSize.halve(from: way.pageSize) { return again(pageSize) }
            guard let filter = service.filter?.text, way.filter == filter,
                service.serverFilter == nil
            else { return nil }
            return Way(filter: nil, pageSize: pageSize, filterRefusal: failure.description)
        case .tooLarge:
            return pageSize.halve(from: way.pageSize) ? again(pageSize) : nil
        case .throttled, .unauthenticated, .denied, .notFound, .wordless, .foreign, .unavailable,
            .malformed, .timedOut, .notSent:
            return nil
        }
    }

    private func again(_ pageSize: PageSize, isRestarted: Bool = false) -> Way {
        Way(
            filter: way.filter, pageSize: pageSize, filterRefusal: way.filterRefusal,
            isRestarted: isRestarted)
    }
}
