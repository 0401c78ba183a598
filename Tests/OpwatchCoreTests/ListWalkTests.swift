import Testing

@testable import OpwatchCore

@Suite("walk over the pages")
struct ListWalkTests {
    @Test("the walk ends with a page that has no token", arguments: [nil, ""])
    func end(token: String?) {
        var walk = ListWalk(.plain)
        #expect(walk.advance(token: "a", operations: 2) == .page(token: "a"))
        #expect(walk.advance(token: token, operations: 1) == .end(complete: true))
        #expect(walk.pages == 2)
        #expect(walk.operations == 3)
    }

    @Test("an empty page with a token goes on")
    func emptyPage() {
        var walk = ListWalk(.plain)
        #expect(walk.advance(token: "a", operations: 0) == .page(token: "a"))
    }

    @Test("something unreachable on any page makes the walk partial")
    func unreachable() {
        var walk = ListWalk(.plain)
        #expect(
            walk.advance(token: "a", operations: 1, unreachable: ["eu"], count: 1)
                == .page(token: "a"))
        #expect(walk.advance(token: nil, operations: 1) == .end(complete: false))
    }

    @Test("places that each page names again are counted once")
    func unreachableOnce() {
        var walk = ListWalk(.plain)
        for (token, places) in [("a", ["eu", "us"]), ("b", ["us", "eu"]), (nil, ["asia"])] {
            _ = walk.advance(
                token: token, operations: 1, unreachable: places, count: places.count + 3)
        }
        #expect(walk.unreachable == ["eu", "us", "asia"])
        #expect(walk.unreachableCount == 6)
    }

    @Test("a token that was given before fails the walk, also after others")
    func repeated() {
        var walk = ListWalk(.plain)
        for token in ["a", "b"] { _ = walk.advance(token: token, operations: 0) }
        #expect(
            walk.advance(token: "a", operations: 0)
                == .failed(.repeatedToken(pages: 3)))
    }

    @Test("one page more than allowed fails the walk")
    func pages() {
        var walk = ListWalk(.plain, pagesMax: 2)
        #expect(walk.advance(token: "a", operations: 0) == .page(token: "a"))
        #expect(
            walk.advance(token: "b", operations: 0)
                == .failed(.tooManyPages(limit: 2)))
        var short = ListWalk(.plain, pagesMax: 1)
        #expect(short.advance(token: nil, operations: 0) == .end(complete: true))
    }

    @Test(
        "one operation more than allowed fails the walk",
        arguments: [
            (10, ListWalk.Next.end(complete: true)), (11, .failed(.tooManyOperations(limit: 10))),
        ])
    func operations(count: Int, next: ListWalk.Next) {
        var walk = ListWalk(.plain, operationsMax: 10)
        #expect(walk.advance(token: nil, operations: count) == next)
    }

    @Test("a token that no URL can hold fails the walk")
    func longToken() {
        let limit = ListWalk.tokenBytesMax
        var walk = ListWalk(.plain)
        let token = String(repeating: "t", count: limit)
        #expect(walk.advance(token: token, operations: 0) == .page(token: token))
        #expect(
            walk.advance(token: token + "t", operations: 0)
                == .failed(.tokenTooLong(bytes: limit + 1, limit: limit)))
    }
}

extension ListWalk.Way {
    fileprivate static let plain = Self(filter: nil, pageSize: PageSize(500))
}
