import CYaml

/// libyaml's event parser over bytes in memory.
struct YAMLEvents: ~Copyable {
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    /// libyaml keeps a pointer to its input, so the input lives as long as the parser.
    private let input: UnsafeMutableBufferPointer<UInt8>
    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) {
        // Some editors begin a file with it; libyaml takes it only when it guesses encodings.
        let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let bytes = bytes.starts(with: byteOrderMark) ? Array(bytes.dropFirst(3)) : bytes
        self.bytes = bytes
        parser = .allocate(capacity: 1)
        parser.initialize(to: yaml_parser_t())
        input = .allocate(capacity: max(bytes.count, 1))
        _ = input.update(from: bytes)
        guard yaml_parser_initialize(parser) == 1 else {
            preconditionFailure("There is no memory for the buffers of a YAML parser.")
        }
        yaml_parser_set_input_string(parser, input.baseAddress, bytes.count)
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
        input.deallocate()
    }

    /// The next event; none may be asked for after `streamEnd` or an error.
    mutating func next() throws(YAMLSyntaxError) -> YAMLEvent {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw syntaxError }
        defer { yaml_event_delete(&event) }
        let mark = Self.mark(event.start_mark)
        switch event.type {
        case YAML_STREAM_START_EVENT: return YAMLEvent(kind: .streamStart, mark: mark)
        case YAML_DOCUMENT_START_EVENT: return YAMLEvent(kind: .documentStart, mark: mark)
        case YAML_DOCUMENT_END_EVENT: return YAMLEvent(kind: .documentEnd, mark: mark)
        case YAML_ALIAS_EVENT: return YAMLEvent(kind: .alias, mark: mark)
        case YAML_SCALAR_EVENT: return Self.scalar(event)
        case YAML_SEQUENCE_START_EVENT:
            let start = event.data.sequence_start
            return YAMLEvent(
                kind: .sequenceStart, mark: mark, hasAnchor: start.anchor != nil,
                hasTag: start.tag != nil)
        case YAML_SEQUENCE_END_EVENT: return YAMLEvent(kind: .sequenceEnd, mark: mark)
        case YAML_MAPPING_START_EVENT:
            let start = event.data.mapping_start
            return YAMLEvent(
                kind: .mappingStart, mark: mark, hasAnchor: start.anchor != nil,
                hasTag: start.tag != nil)
        case YAML_MAPPING_END_EVENT: return YAMLEvent(kind: .mappingEnd, mark: mark)
        default: return YAMLEvent(kind: .streamEnd, mark: mark)
        }
    }

    private static func scalar(_ event: yaml_event_t) -> YAMLEvent {
        let scalar = event.data.scalar
        let text = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
        let style: YAMLScalar.Style =
            switch scalar.style {
            case YAML_SINGLE_QUOTED_SCALAR_STYLE: .singleQuoted
            case YAML_DOUBLE_QUOTED_SCALAR_STYLE: .doubleQuoted
            case YAML_LITERAL_SCALAR_STYLE, YAML_FOLDED_SCALAR_STYLE: .block
            default: .plain
            }
        let isOnOneLine = event.start_mark.line == event.end_mark.line
        // A lone `!` leaves no tag behind, only a plain text that must not be taken as plain.
        let isForcedText = style == .plain && scalar.plain_implicit == 0
        return YAMLEvent(
            kind: .scalar(
                YAMLScalar(
                    text: String(decoding: text, as: UTF8.self), style: style,
                    isOnOneLine: isOnOneLine,
                    width: isOnOneLine ? event.end_mark.column - event.start_mark.column : 0)),
            mark: Self.mark(event.start_mark), hasAnchor: scalar.anchor != nil,
            hasTag: scalar.tag != nil || isForcedText)
    }

    private var syntaxError: YAMLSyntaxError {
        let failed = parser.pointee
        let reason = failed.problem.map { String(cString: $0) } ?? "out of memory"
        let problem = "not valid YAML: \(reason)"
        // Bytes that are no text are found before lines are counted.
        if failed.error == YAML_READER_ERROR {
            return YAMLSyntaxError(
                mark: Mark(ofByte: failed.problem_offset, in: bytes), contextMark: nil,
                message: problem)
        }
        guard let context = failed.context else {
            return YAMLSyntaxError(
                mark: Self.mark(failed.problem_mark), contextMark: nil, message: problem)
        }
        let words = String(cString: context)
        let isBlock = words.hasPrefix("while parsing a block")
        return YAMLSyntaxError(
            mark: Self.mark(failed.problem_mark),
            contextMark: isBlock ? nil : Self.mark(failed.context_mark),
            message: "\(problem) \(words)")
    }

    /// libyaml counts from 0.
    private static func mark(_ mark: yaml_mark_t) -> Mark {
        Mark(line: mark.line + 1, column: mark.column + 1)
    }
}
