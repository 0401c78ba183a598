/// The walk over all pages of one parent: where it goes on, in which other way it begins again, and
/// when it must not.
///
/// Pure, and the only place that decides this. Call `advance` once for each page that was read to
/// its end, `retry` where one was not.
package struct ListWalk: Sendable {
    /// What follows a page.
    package enum Next: Sendable, Equatable {
        /// Fetch the page of this token.
        case page(token: String)
        /// That was the last page; complete only if nothing was unreachable on any page.
        case end(complete: Bool)
        /// The walk cannot be finished: the poll failed.
        case failed(Failure)
    }

    /// Why a walk cannot be finished.
    package enum Failure: Error, Sendable, Equatable, CustomStringConvertible {
        /// The server gave a token a second time, after this many pages.
        case repeatedToken(pages: Int)
        case tooManyPages(limit: Int)
        case tooManyOperations(limit: Int)
        case tokenTooLong(bytes: Int, limit: Int)

        package var description: String {
            switch self {
            case .repeatedToken(let pages):
                "the service repeated a page token after \(pages) pages"
            case .tooManyPages(let limit): "the list has more than \(limit) pages"
            case .tooManyOperations(let limit): "the list has more than \(limit) operations"
            case .tokenTooLong(let bytes, let limit):
                "the page token has \(bytes) bytes, at most \(limit) are allowed"
            }
        }
    }

    /// Longer tokens do not fit into the URL of a request.
    package static let tokenBytesMax = 16_384

    /// How its pages are asked for.
    package let way: Way
    /// Pages read so far.
    package private(set) var pages = 0
    /// Operations on all pages so far.
    package private(set) var operations = 0
    /// Names in `unreachable` on all pages so far, each once; as many as a page's reader keeps.
    package private(set) var unreachable: [String] = []
    /// How many places were unreachable, those without a name here included.
    package var unreachableCount: Int { unreachable.count + unnamed }

    private var known: Set<String> = []
    /// The most that one page only counted: each page may count the same ones.
    private var unnamed = 0
    private static let namesMax = 1_000

    private let pagesMax: Int
    private let operationsMax: Int
    /// Hashes, not tokens: 10,000 tokens could fill 160 MB, and two of them meeting in 64 keyed
    /// bits would only fail one poll.
    private var seen: Set<Int> = []

    package init(
        _ way: Way, pagesMax: Int = Limits.pagesPerPollMax,
        operationsMax: Int = Limits.operationsPerPollMax
    ) {
        self.way = way
        self.pagesMax = pagesMax
        self.operationsMax = operationsMax
    }

    /// Counts a page and says what follows it.
    ///
    /// A page without operations and with a token is an ordinary page.
    /// - Parameters:
    ///   - token: `nextPageToken` of the page; nil or empty ends the list.
    ///   - operations: how many operations the page held.
    ///   - unreachable: the names that its `unreachable` held, or the first of them.
    ///   - count: how many it held.
    package mutating func advance(
        token: String?, operations: Int, unreachable: [String] = [], count: Int = 0
    ) -> Next {
        pages += 1
        self.operations += operations
        for place in unreachable where known.count < Self.namesMax {
            if known.insert(place).inserted { self.unreachable.append(place) }
        }
        unnamed = max(unnamed, count - unreachable.count)
        if self.operations > operationsMax {
            return .failed(.tooManyOperations(limit: operationsMax))
        }
        guard let token, !token.isEmpty else { return .end(complete: unreachableCount == 0) }
        let bytes = token.utf8.count
        if bytes > Self.tokenBytesMax {
            return .failed(.tokenTooLong(bytes: bytes, limit: Self.tokenBytesMax))
        }
        if !seen.insert(token.hashValue).inserted { return .failed(.repeatedToken(pages: pages)) }
        if pages >= pagesMax { return .failed(.tooManyPages(limit: pagesMax)) }
        return .page(token: token)
    }
}
