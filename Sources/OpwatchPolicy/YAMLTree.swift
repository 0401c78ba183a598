/// Turns the bytes of a file into a tree of nodes, without what a policy has no use for.
///
/// Anchors, aliases, tags and merge keys are refused one by one and reading goes on, so that a
/// file's other problems are found in the same go. A syntax error ends the reading.
struct YAMLTree: ~Copyable {
    /// A policy needs six.
    static let depthMax = 16

    private var events: YAMLEvents
    private let problems: ProblemList
    private let bytes: [UInt8]
    /// Made at the first report: most files need none.
    private var knownLines: PolicyLines?

    /// The root of the only document; nil where there is none, or after a syntax error.
    static func read(_ bytes: [UInt8], problems: ProblemList) -> YAMLNode? {
        var tree = YAMLTree(
            events: YAMLEvents(bytes), problems: problems, bytes: bytes)
        do {
            return try tree.document()
        } catch {
            tree.report(error)
            return nil
        }
    }

    private init(events: consuming YAMLEvents, problems: ProblemList, bytes: [UInt8]) {
        self.events = events
        self.problems = problems
        self.bytes = bytes
    }

    private mutating func document() throws(YAMLSyntaxError) -> YAMLNode? {
        var root: YAMLNode?
        var documents = 0
        while true {
            let event = try events.next()
            switch event.kind {
            case .streamStart, .documentEnd:
                continue
            case .streamEnd:
                return root
            case .documentStart:
                documents += 1
                if documents > 1 {
                    problems.error("a policy file holds one YAML document only", at: event.mark)
                    return root
                }
            case .alias, .scalar, .sequenceStart, .sequenceEnd, .mappingStart, .mappingEnd:
                root = try node(event, depth: 1)
            }
        }
    }

    private mutating func node(
        _ event: YAMLEvent, depth: Int
    ) throws(YAMLSyntaxError) -> YAMLNode {
        guard depth <= Self.depthMax else {
            throw YAMLSyntaxError(
                mark: event.mark, contextMark: nil,
                message: "lists and mappings are nested deeper than \(Self.depthMax) levels")
        }
        if event.hasAnchor { refuse("anchors (&) are", at: event.mark) }
        if event.hasTag { refuse("tags (!) are", at: event.mark) }
        switch event.kind {
        case .scalar where event.hasTag:
            return YAMLNode(mark: event.mark, content: .refused)
        case .scalar(let scalar):
            return YAMLNode(mark: event.mark, content: .scalar(scalar))
        case .sequenceStart:
            return YAMLNode(mark: event.mark, content: .sequence(try sequence(depth: depth)))
        case .mappingStart:
            return YAMLNode(mark: event.mark, content: .mapping(try mapping(depth: depth)))
        case .alias:
            refuse("aliases (*) are", at: event.mark)
            return YAMLNode(mark: event.mark, content: .refused)
        case .streamStart, .streamEnd, .documentStart, .documentEnd, .sequenceEnd, .mappingEnd:
            preconditionFailure("libyaml begins every node with one of the events above.")
        }
    }

    private mutating func sequence(depth: Int) throws(YAMLSyntaxError) -> [YAMLNode] {
        var items: [YAMLNode] = []
        while true {
            let event = try events.next()
            if case .sequenceEnd = event.kind { return items }
            items.append(try node(event, depth: depth + 1))
        }
    }

    private mutating func mapping(depth: Int) throws(YAMLSyntaxError) -> [YAMLEntry] {
        var entries: [YAMLEntry] = []
        while true {
            let event = try events.next()
            if case .mappingEnd = event.kind { return entries }
            let key = try node(event, depth: depth + 1)
            let value = try node(try events.next(), depth: depth + 1)
            switch key.content {
            case .scalar(let scalar) where scalar.style == .plain && scalar.text == "<<":
                problems.error("merge keys (<<) are not allowed; write the keys out", at: key.mark)
            case .scalar(let scalar):
                entries.append(YAMLEntry(key: scalar.text, keyMark: key.mark, value: value))
            case .sequence, .mapping:
                problems.error("a key must be one word, not \(key.kind)", at: key.mark)
            case .refused:
                continue
            }
        }
    }

    private mutating func refuse(_ what: String, at mark: Mark) {
        let isExpression = lines().ofExpressions.contains(mark.line)
        let advice = isExpression ? Self.quotingAdvice : "; write the value out"
        problems.error("\(what) not allowed\(advice)", at: mark)
    }

    private mutating func report(_ error: YAMLSyntaxError) {
        let lines = lines()
        let places = [error.mark.line, error.contextMark?.line ?? error.mark.line]
        let isExpression = places.contains { lines.ofExpressions.contains($0) }
        // The end of the file is where an open quote was noticed; where it opens helps more.
        let isAtEnd = error.mark.line > lines.end.line || error.isUnfinished
        let mark = isAtEnd ? error.contextMark ?? error.mark : error.mark
        if let tab = lines.tab(indenting: error.mark.line) {
            return problems.error("not valid YAML: a tab; YAML indents with spaces", at: tab)
        }
        let isInQuotes =
            places.contains { lines.inSingleQuotes.contains($0) } && !error.isUnfinished
        let advice = isInQuotes ? Self.insideAdvice : Self.quotingAdvice
        problems.error(
            error.message + (isExpression ? advice : ""),
            at: mark.line > lines.end.line ? lines.end : mark)
    }

    private mutating func lines() -> PolicyLines {
        let lines = knownLines ?? PolicyLines(bytes)
        knownLines = lines
        return lines
    }

    private static let quotingAdvice =
        "; put the whole expression in single quotes, as in match: 'metadata.verb = \"create\"'"
    private static let insideAdvice =
        "; the expression is in single quotes already: write double quotes inside, as in "
        + "match: 'metadata.verb = \"create\"'"
}
