import SeededRandom

/// Operations of all shapes that JSON allows, with names from one small pool, most of them odd.
struct RandomOperation {
    var random: SplitMix
    var scalars: RandomScalars

    init(seed: UInt64) {
        random = SplitMix(seed: seed)
        scalars = RandomScalars(random: SplitMix(seed: seed ^ 0x5CA1A5))
    }

    static let keys = [
        "a", "b", "a", "b", "state", "labels", "tags", "steps", "create_time", "createTime",
        "end_time", "endTime", "aLongName", "a_long_name", "0", "1", "10", "x.y", "team/name",
        "\u{E9}", "e\u{301}", "", "NOT", "AND", "OR", "@type", "two words", "quo\"te", "it's",
        "back\\slash", "st*r", "*", "done", "name", "metadata", "x-y", "DONE", "deploy", "-5",
    ]

    private static let twins = [
        ("create_time", "createTime"), ("end_time", "endTime"), ("a_long_name", "aLongName"),
    ]

    /// The other spelling of the names that certainly have one.
    static func otherSpelling(_ key: String) -> String {
        for (snake, camel) in twins {
            if key == snake { return camel }
            if key == camel { return snake }
        }
        return key
    }

    mutating func operation() -> NaiveValue {
        var members: [NaiveMember] = []
        if !random.once(in: 12) {
            members.append(NaiveMember(key: "name", value: name()))
        }
        if let done = done() { members.append(NaiveMember(key: "done", value: done)) }
        if !random.once(in: 10) {
            let value = random.once(in: 10) ? value(depth: 2) : object(depth: 3)
            members.append(NaiveMember(key: "metadata", value: value))
        }
        if random.once(in: 3) {
            let value = random.once(in: 4) ? value(depth: 1) : error()
            members.append(NaiveMember(key: "error", value: value))
        }
        if random.once(in: 4) { add(random.pick(Self.keys), depth: 2, to: &members) }
        if random.once(in: 4) { members.reverse() }
        return .object(members)
    }

    private mutating func name() -> NaiveValue {
        if random.once(in: 10) { return value(depth: 2) }
        let names = ["projects/p/operations/deploy-1", "operations/DONE", "a", "done", ""]
        return .text(random.once(in: 3) ? scalars.text() : random.pick(names))
    }

    private mutating func done() -> NaiveValue? {
        switch random.below(8) {
        case 0...2: .bool(true)
        case 3: .bool(false)
        case 4: .null
        case 5 where random.once(in: 3): value(depth: 1)
        default: nil
        }
    }

    private mutating func error() -> NaiveValue {
        .object([
            NaiveMember(key: "code", value: .number(scalars.number())),
            NaiveMember(key: "message", value: .text(scalars.text())),
        ])
    }

    private mutating func object(depth: Int) -> NaiveValue {
        var members: [NaiveMember] = []
        for _ in 0..<random.below(6) { add(random.pick(Self.keys), depth: depth, to: &members) }
        return .object(members)
    }

    /// Adds a key unless it is there, and now and then its other spelling beside it.
    private mutating func add(_ key: String, depth: Int, to members: inout [NaiveMember]) {
        for key in random.once(in: 3) ? [key, Self.otherSpelling(key)] : [key] {
            if members.contains(where: { sameBytes($0.key, key) }) { continue }
            members.append(NaiveMember(key: key, value: value(depth: depth - 1)))
        }
    }

    private mutating func value(depth: Int) -> NaiveValue {
        switch random.below(12) {
        case 0: .null
        case 1...3 where depth > 0: object(depth: depth)
        case 4...6 where depth > 0: list(depth: depth)
        case 7: .bool(random.once(in: 2))
        case 8, 9: .number(scalars.number())
        default: .text(scalars.text())
        }
    }

    private mutating func list(depth: Int) -> NaiveValue {
        var elements: [NaiveValue] = []
        for _ in 0..<random.below(4) {
            elements.append(random.once(in: 2) ? object(depth: depth) : value(depth: depth - 1))
        }
        return .list(elements)
    }
}
