import WireFormat

extension SimulatedService {
    /// How a page is bent by an injected fault.
    enum PageBend {
        case none
        /// The page's token is the one it was asked with.
        case repeatsToken
        /// No operations, but a token for those that should have been there.
        case emptyWithToken
    }

    /// One page of a parent's operations.
    func list(
        _ parent: String, filter: String, pageSize: Int, pageToken: String, bend: PageBend,
        unreachable: [String] = []
    ) -> SimulatedAnswer {
        guard parents.contains(parent) else {
            return dated(.failure(.permissionDenied, "Permission denied on resource '\(parent)'."))
        }
        guard pageSize >= 0 else {
            return dated(.failure(.invalidArgument, "Page size \(pageSize) is negative."))
        }
        var token = PageToken(position: 0)
        if !pageToken.isEmpty {
            guard let read = PageToken(pageToken, parent: parent, filter: filter) else {
                return dated(.failure(.invalidArgument, "Page token is not valid for this list."))
            }
            token = read
        }
        let admitted: DoneFilter
        switch readFilter(filter) {
        case .failure(let refusal): return dated(refusal.answer)
        case .success(let filter): admitted = filter
        }
        let size = min(pageSize == 0 ? pageSizeDefault : pageSize, pageSizeMax)
        var (rows, next) = rows(of: parent, admitted, from: token.position, atMost: size)
        switch bend {
        case .none: break
        case .repeatsToken: next = token
        case .emptyWithToken:
            rows = []
            next = PageToken(position: token.position, salt: token.salt + 1)
        }
        return dated(
            page(rows, next?.text(parent: parent, filter: filter), unreachable: unreachable))
    }

    private struct FilterRefusal: Error {
        let answer: SimulatedAnswer
    }

    private func readFilter(_ text: String) -> Result<DoneFilter, FilterRefusal> {
        let read = DoneFilter(text)
        if read == .everything { return .success(.everything) }
        switch filtering {
        case .ignored: return .success(.everything)
        case .refused(let status):
            return .failure(FilterRefusal(answer: .failure(status, "Filters are not supported.")))
        case .supported:
            if let read { return .success(read) }
            let answer = SimulatedAnswer.failure(
                .invalidArgument, "Filter '\(text)' is not supported; only 'done' can be filtered.")
            return .failure(FilterRefusal(answer: answer))
        }
    }

    /// The places of a page's operations, and the next page's beginning if there is more.
    private func rows(
        of parent: String, _ admitted: DoneFilter, from first: Int, atMost size: Int
    ) -> (rows: [Int], next: PageToken?) {
        var rows: [Int] = []
        for position in operations.indices.dropFirst(first) {
            guard let operation = operations[position], operation.isListed,
                operation.script.parent == parent
            else { continue }
            let state = operation.state(at: now)
            guard state.exists, admitted.admits(state) else { continue }
            if rows.count == size { return (rows, PageToken(position: position)) }
            rows.append(position)
        }
        return (rows, nil)
    }

    private func page(
        _ rows: [Int], _ nextPageToken: String?, unreachable: [String]
    ) -> SimulatedAnswer {
        var json = JSONWriter()
        json.beginObject()
        if !rows.isEmpty {
            json.key("operations")
            json.beginArray()
            for row in rows {
                guard let operation = operations[row] else { continue }
                document.write(operation, at: now, to: &json)
            }
            json.endArray()
        }
        if let nextPageToken { json.member("nextPageToken", nextPageToken) }
        if !unreachable.isEmpty {
            json.key("unreachable")
            json.beginArray()
            for name in unreachable { json.string(name) }
            json.endArray()
        }
        json.endObject()
        return .json(json.bytes)
    }
}
