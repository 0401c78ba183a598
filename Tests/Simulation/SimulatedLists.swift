import OpwatchCore
import SeededRandom
import WireFormat

/// How a simulated service answers to lists.
struct SimulatedLists: Sendable {
    private let style: BodyStyle
    private var walks = PageWalks()

    init(style: BodyStyle) {
        self.style = style
    }

    /// What a list asks for.
    struct Request {
        let parent: String
        let filter: String?
        let pageSize: Int
        let pageToken: String?
        let time: Timestamp
    }

    /// The list arrived at the service.
    mutating func list(
        _ request: Request, _ lives: inout OperationLives, _ faults: inout Faults
    ) -> Reply<ListOutcome> {
        guard let parent = lives.parents.firstIndex(of: request.parent) else {
            return faults.notFound(request.parent, nil)
        }
        guard let hidesDone = Self.hidesDone(request.filter) else {
            return faults.refusal(400, .invalidArgument, "Invalid filter.", nil)
        }
        guard let text = request.pageToken else {
            let walk = begin(parent, hidesDone, at: request.time, lives, &faults)
            return page(walk, nil, request, &lives, &faults)
        }
        guard let token = Int(text.dropFirst(Self.tokenMark.count)), var walk = walks[token],
            walk.parent == parent
        else { return faults.refusal(400, .invalidArgument, "Invalid page token.", nil) }
        if faults.strikes(.missingPage) { return faults.notFound("The page", nil) }
        shift(&walk, at: request.time, lives, &faults)
        return page(walk, token, request, &lives, &faults)
    }

    /// In front of the number in a token; hard to get through a URL unharmed.
    private static let tokenMark = "CAE+/="

    private static func hidesDone(_ filter: String?) -> Bool? {
        switch filter {
        case nil, "": false
        case "NOT done = true", "NOT done=true", "done = false", "done=false", "done:false": true
        case _?: nil
        }
    }

    private func begin(
        _ parent: Int, _ hidesDone: Bool, at now: Timestamp, _ lives: OperationLives,
        _ faults: inout Faults
    ) -> PageWalk {
        var walk = PageWalk(parent: parent, hidesDone: hidesDone)
        if faults.strikes(.staleList) {
            walk.lag = faults.random.duration(upTo: SimulatedOperation.memory)
        }
        addNewborn(to: &walk, at: now, lives)
        guard !walk.rest.isEmpty else { return walk }
        if faults.strikes(.shuffled) {
            faults.random.shuffle(&walk.rest)
            walk.isSnapshot = true
        }
        if faults.strikes(.unreachable) {
            let part = faults.random.pick([2, 3])
            walk.rest.removeAll { $0 % part == 0 }
            walk.unreachable = [lives.parents[parent] + "/locations/eu-\(part)"]
            walk.isSnapshot = true
        } else if faults.strikes(.missingFromWalk) {
            walk.rest.remove(at: faults.random.below(walk.rest.count))
        }
        return walk
    }

    /// What can be found by now and has not been looked at yet.
    private func addNewborn(
        to walk: inout PageWalk, at now: Timestamp, _ lives: OperationLives
    ) {
        let (time, newest) = (now.advanced(by: .zero - walk.lag), walk.newest)
        for operation in lives.operations[walk.parent] {
            let number = operation.truth.number
            guard number > newest, operation.truth.created <= time else { continue }
            walk.newest = number
            walk.rest.append(number)
        }
    }

    /// The pages have moved since the one before: something comes twice, or not at all.
    private func shift(
        _ walk: inout PageWalk, at now: Timestamp, _ lives: OperationLives,
        _ faults: inout Faults
    ) {
        if !walk.isSnapshot { addNewborn(to: &walk, at: now, lives) }
        if let last = walk.last, walk.rest.first != last, faults.strikes(.shownTwice) {
            walk.rest.insert(last, at: 0)
        }
        if walk.rest.count > 1, faults.strikes(.missingFromWalk) { walk.rest.removeFirst() }
    }

    /// - Parameter token: with which this page was asked for; nil for the first one.
    private mutating func page(
        _ before: PageWalk, _ token: Int?, _ request: Request, _ lives: inout OperationLives,
        _ faults: inout Faults
    ) -> Reply<ListOutcome> {
        var walk = before
        let images = images(of: walk, at: request.time, lives)
        let size = size(of: &walk, images.count, request.pageSize, &faults)
        var rows = Array(images.prefix(size))
        if let last = rows.last?.number, let index = walk.rest.lastIndex(of: last) {
            walk.rest.removeFirst(index + 1)
            walk.last = last
        }
        let isLast = rows.count == images.count
        let next = isLast ? nil : nextToken(walk, before, token, &faults)
        for index in rows.indices { alter(&rows[index], walk, at: request.time, &lives, &faults) }
        let operations = rows.map { row in
            lives.json(of: row, at: walk.place(of: row.number), style: style)
        }
        let nextText = next.map { "\(Self.tokenMark)\($0)" }
        var outcome = ListOutcome(
            body: style.list(operations, token: nextText, unreachable: walk.unreachable),
            shown: rows, isFirst: token == nil, isLast: isLast, unreachable: walk.unreachable)
        if faults.breaks(&outcome.body) {
            outcome.isBroken = true
            outcome.shown = []
        }
        return Reply(
            delay: faults.delay(), result: .success(outcome),
            date: faults.date(at: request.time), fate: Fate())
    }

    /// What is left to show and can be found.
    private func images(
        of walk: PageWalk, at now: Timestamp, _ lives: OperationLives
    ) -> [Shown] {
        let time = now.advanced(by: .zero - walk.lag)
        var images: [Shown] = []
        images.reserveCapacity(walk.rest.count)
        for number in walk.rest {
            guard let image = lives.image(of: walk.place(of: number), asOf: time) else { continue }
            if !walk.hidesDone || !image.isDone { images.append(image) }
        }
        return images
    }

    private func size(
        of walk: inout PageWalk, _ count: Int, _ asked: Int, _ faults: inout Faults
    ) -> Int {
        // Bounded, so that a plan that makes every page empty lets a walk end.
        if count > 0, walk.emptyPages < 3, faults.strikes(.emptyPage) {
            walk.emptyPages += 1
            return 0
        }
        let size = min(count, asked > 0 ? asked : 20)
        guard size > 1, faults.strikes(.pageSplit) else { return size }
        return faults.random.within(1...size - 1)
    }

    private mutating func nextToken(
        _ walk: PageWalk, _ before: PageWalk, _ token: Int?, _ faults: inout Faults
    ) -> Int {
        guard let token, before.isLoop && !faults.isHealed || faults.draws(.tokenLoop) else {
            return walks.keep(walk)
        }
        faults.count(.tokenLoop)
        // Back to a page before, once; or to this one, for ever.
        if !before.isLoop, let earlier = before.tokens.first, faults.random.once(in: 2) {
            return earlier
        }
        var loop = before
        loop.isLoop = true
        walks[token] = loop
        return token
    }

    /// What a list may show otherwise than it is.
    private func alter(
        _ row: inout Shown, _ walk: PageWalk, at now: Timestamp, _ lives: inout OperationLives,
        _ faults: inout Faults
    ) {
        if faults.strikes(.creationMissing) {
            row.created = nil
        } else if faults.strikes(.creationShifted) {
            row.created = faults.shifted(row.created)
        }
        if row.started != nil, faults.strikes(.startMissing) { row.started = nil }
        if row.team != nil, faults.strikes(.labelMissing) { row.team = nil }
        if !row.isDone, faults.draws(.endsAfterList) {
            let place = walk.place(of: row.number)
            lives.endSoon(place, at: now, within: .seconds(20), .endsAfterList, &faults)
        }
    }
}
