/// Pulls the operations of a list answer one by one.
///
/// Reads `{"operations": […], "nextPageToken": "…", "unreachable": […]}` with its keys in any
/// order; each may be absent or null, other keys are checked and skipped. An object with other
/// keys and without `operations` is no list. As strict as `ObjectReader`. Trust nothing of a page
/// before `next` has returned false: only then all of it was seen to be valid.
package struct ListPageReader {
    /// The token of the following page; nil when absent, null or empty.
    package private(set) var nextPageToken: String?
    /// The first 1,000 places that the service could not ask.
    package private(set) var unreachable: [String] = []
    /// How many places were unreachable, those beyond the first 1,000 included.
    package private(set) var unreachableCount = 0
    /// How many operations were read so far.
    package private(set) var operationCount = 0

    private static let unreachableMax = 1_000
    private static let strangersMax = 3
    /// More of a name than a message shows.
    private static let strangerBytesMax = 64

    private let page: [UInt8]
    private let fields: FieldSet
    private let limits: ReadLimits
    /// The page is the array of operations alone.
    private let isBare: Bool
    private var phase = Phase.start
    /// The keys of the page itself; those of the operations are the row's matter.
    private var keys = KeyStack()
    private var seen: [Member] = []
    /// The first keys that no list has, to name them where `operations` is missing.
    private var strangers: [String] = []
    private var strangerCount = 0

    /// What was read last.
    private enum Phase {
        case start
        case operation(end: Int)
        case all
        case failed(WireError)
    }

    private enum Member {
        case operations, nextPageToken, unreachable
    }

    /// - Parameters:
    ///   - page: the body of the answer.
    ///   - fields: what the slots of the rows mean.
    ///   - takesArray: whether the page may be the array of operations alone, as tools save it.
    package init(
        _ page: [UInt8], fields: FieldSet, limits: ReadLimits = .listPage, takesArray: Bool = false
    ) {
        let first = takesArray ? page.first { !" \t\r\n".utf8.contains($0) } : nil
        isBare = first == UInt8(ascii: "[")
        self.page = page
        self.fields = fields
        self.limits = limits
    }

    /// Reads the next operation into the row; false when the page has ended and was valid.
    ///
    /// After an error, and after the end, the row is empty and every further call answers the
    /// same.
    package mutating func next(into row: inout FieldRow) throws(WireError) -> Bool {
        let hasOperation: Bool
        do throws(WireError) {
            hasOperation = try step(&row)
        } catch {
            phase = .failed(error)
            row.removeAll()
            throw error
        }
        if hasOperation {
            row.bytes = page
        } else {
            phase = .all
            row.removeAll()
        }
        return hasOperation
    }

    private mutating func step(_ row: inout FieldRow) throws(WireError) -> Bool {
        let start: Int
        let depth: Int
        switch phase {
        case .start: (start, depth) = (0, 0)
        // Inside the array, and mostly an object around it.
        case .operation(let end): (start, depth) = (end, isBare ? 1 : 2)
        case .all: return false
        case .failed(let error): throw error
        }
        let whole = 0..<page.count
        try limits.check(whole)
        return try page.withScanner(
            in: start..<page.count, depth: depth, depthMax: limits.depthMax
        ) { (scanner) throws(WireError) in
            var parser = FieldParser(scanner, fields: fields, scratch: row.takeScratch())
            defer { row.scratch = parser.scratch }
            if depth == 0 { return try begin(&parser) }
            if try parser.scanner.hasNext(before: UInt8(ascii: "]")) {
                return try operation(&parser)
            }
            if isBare { return try finish(&parser.scanner) }
            return try hasMember(&parser.scanner) ? try members(&parser) : false
        }
    }

    private mutating func begin(_ parser: inout FieldParser) throws(WireError) -> Bool {
        parser.scanner.skipSpace()
        if isBare {
            if try hasOperation(&parser) { return true }
            return try finish(&parser.scanner)
        }
        try parser.scanner.requireObject()
        try parser.scanner.open()
        parser.scanner.skipSpace()
        if parser.scanner.byte != UInt8(ascii: "}") { return try members(&parser) }
        parser.scanner.close()
        return try finish(&parser.scanner)
    }

    /// Reads on to the first operation; false at the end of the page.
    private mutating func members(_ parser: inout FieldParser) throws(WireError) -> Bool {
        repeat {
            let key = try parser.scanner.key(in: &keys, frame: .bottom)
            switch try member(key, base: parser.scanner.base) {
            case .operations: if try hasOperation(&parser) { return true }
            case .nextPageToken: nextPageToken = try token(&parser.scanner)
            case .unreachable: try readUnreachable(&parser.scanner)
            case nil:
                note(key, base: parser.scanner.base)
                try parser.check()
            }
        } while try hasMember(&parser.scanner)
        return false
    }

    private mutating func hasMember(_ scanner: inout JSONScanner) throws(WireError) -> Bool {
        if try scanner.hasNext(before: UInt8(ascii: "}")) { return true }
        return try finish(&scanner)
    }

    /// Makes sure that the page ends here; false, there is no more to read.
    private mutating func finish(_ scanner: inout JSONScanner) throws(WireError) -> Bool {
        try keys.pop(to: .bottom, base: scanner.base)
        scanner.skipSpace()
        guard scanner.index == page.count else { throw .trailingBytes(offset: scanner.index) }
        if strangerCount > 0, !seen.contains(.operations) {
            throw .noOperations(offset: page.count, found: strangers, count: strangerCount)
        }
        return false
    }

    private mutating func note(_ key: KeyStack.Key, base: UnsafeRawPointer) {
        strangerCount += 1
        guard strangers.count < Self.strangersMax else { return }
        let count = min(key.count, Self.strangerBytesMax)
        strangers.append(
            keys.withBytes(of: key, base: base) { bytes in
                String(
                    decoding: UnsafeRawBufferPointer(start: bytes, count: count), as: UTF8.self)
            })
    }

    /// Which of the known members the key names, if any; both spellings of one are one too many.
    private mutating func member(
        _ key: KeyStack.Key, base: UnsafeRawPointer
    ) throws(WireError) -> Member? {
        let member: Member? = keys.withBytes(of: key, base: base) { bytes in
            let name = UnsafeRawBufferPointer(start: bytes, count: key.count)
            if name.elementsEqual("operations".utf8) { return .operations }
            if name.elementsEqual("nextPageToken".utf8) { return .nextPageToken }
            if name.elementsEqual("next_page_token".utf8) { return .nextPageToken }
            if name.elementsEqual("unreachable".utf8) { return .unreachable }
            return nil
        }
        guard let member else { return nil }
        if seen.contains(member) { throw .duplicateKey(offset: key.offset) }
        seen.append(member)
        return member
    }

    private mutating func hasOperation(_ parser: inout FieldParser) throws(WireError) -> Bool {
        guard try beginArray(&parser.scanner, "operations") else { return false }
        return try operation(&parser)
    }

    private mutating func operation(_ parser: inout FieldParser) throws(WireError) -> Bool {
        try parser.scanner.requireObject()
        try parser.row()
        operationCount += 1
        phase = .operation(end: parser.scanner.index)
        return true
    }

    /// Opens an array; false when it is null or empty, and then it is done with.
    private func beginArray(
        _ scanner: inout JSONScanner, _ path: String
    ) throws(WireError) -> Bool {
        if scanner.byte == UInt8(ascii: "n") {
            _ = try scanner.word()
            return false
        }
        guard scanner.byte == UInt8(ascii: "[") else {
            throw .wrongType(offset: scanner.index, path: path)
        }
        try scanner.open()
        scanner.skipSpace()
        if scanner.byte != UInt8(ascii: "]") { return true }
        scanner.close()
        return false
    }

    private func token(_ scanner: inout JSONScanner) throws(WireError) -> String? {
        if scanner.byte == UInt8(ascii: "n") {
            _ = try scanner.word()
            return nil
        }
        let token = try string(&scanner, "nextPageToken")
        return token.isEmpty ? nil : token
    }

    private mutating func readUnreachable(_ scanner: inout JSONScanner) throws(WireError) {
        guard try beginArray(&scanner, "unreachable") else { return }
        repeat {
            let place = try string(&scanner, "unreachable[]")
            unreachableCount += 1
            if unreachableCount <= Self.unreachableMax { unreachable.append(place) }
        } while try scanner.hasNext(before: UInt8(ascii: "]"))
    }

    private func string(
        _ scanner: inout JSONScanner, _ path: String
    ) throws(WireError) -> String {
        let start = scanner.index
        guard scanner.byte == UInt8(ascii: "\"") else {
            throw .wrongType(offset: start, path: path)
        }
        let text = try scanner.text()
        let value = FieldValue(
            stringAt: start..<scanner.index, in: page, isEscaped: text.isEscaped)
        return value.string ?? ""
    }
}
