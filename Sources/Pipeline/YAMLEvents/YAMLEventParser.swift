public import CLibYAML

/// The events of a YAML stream as libyaml tells them, with places as byte offsets into the file.
public struct YAMLEventParser: ~Copyable {
    /// Why libyaml stopped, in its own words.
    public struct Failure {
        public let problem: String
        public let context: String
        public let problemOffset: Int
        public let contextOffset: Int?
        /// From 1.
        public let line: Int
    }

    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let event: UnsafeMutablePointer<yaml_event_t>
    private var holdsEvent = false
    private var cursor: CharacterCursor

    /// Nil where memory is exhausted. `bytes` must outlive the parser; reading begins at `start`, behind a byte order mark.
    /// `isASCII` says that all of them are, which spares counting characters.
    public init?(bytes: UnsafeBufferPointer<UInt8>, start: Int, isASCII: Bool) {
        parser = .allocate(capacity: 1)
        event = .allocate(capacity: 1)
        cursor = CharacterCursor(bytes: bytes, start: start, isASCII: isASCII)
        guard yaml_parser_initialize(parser) == 1 else {
            parser.deallocate()
            event.deallocate()
            return nil
        }
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, bytes.baseAddress.map { $0 + start }, bytes.count - start)
    }

    deinit {
        if holdsEvent { yaml_event_delete(event) }
        yaml_parser_delete(parser)
        parser.deallocate()
        event.deallocate()
    }

    /// The next event, valid until the next call; nil after a failure.
    public mutating func next() -> UnsafePointer<yaml_event_t>? {
        if holdsEvent { yaml_event_delete(event) }
        holdsEvent = yaml_parser_parse(parser, event) == 1
        return holdsEvent ? UnsafePointer(event) : nil
    }

    /// The byte offset of a mark. Marks count characters, and they come nearly in order.
    public mutating func offset(of mark: yaml_mark_t) -> Int { cursor.offset(ofCharacter: mark.index) }

    public mutating func failure() -> Failure {
        let state = parser.pointee
        let problem = state.problem.map { String(cString: $0) } ?? "out of memory"
        let line = state.problem_mark.line + 1
        let context = state.context.map { String(cString: $0) } ?? ""
        if state.error == YAML_READER_ERROR {
            return Failure(
                problem: problem, context: context, problemOffset: cursor.start + state.problem_offset,
                contextOffset: nil, line: line)
        }
        let problemOffset = cursor.offset(ofCharacter: state.problem_mark.index)
        let contextOffset = context.isEmpty ? nil : cursor.offset(ofCharacter: state.context_mark.index)
        return Failure(
            problem: problem, context: context, problemOffset: problemOffset, contextOffset: contextOffset,
            line: line)
    }
}

/// Turns counts of characters into byte offsets, cheaply for counts near the one asked for last.
private struct CharacterCursor {
    let bytes: UnsafeBufferPointer<UInt8>
    let start: Int
    let isASCII: Bool
    private var character = 0
    private var offset: Int

    init(bytes: UnsafeBufferPointer<UInt8>, start: Int, isASCII: Bool) {
        self.bytes = bytes
        self.start = start
        self.isASCII = isASCII
        offset = start
    }

    public mutating func offset(ofCharacter wanted: Int) -> Int {
        if isASCII { return min(start + wanted, bytes.count) }
        while character < wanted, offset < bytes.count {
            offset += 1
            while offset < bytes.count, bytes[offset] & 0xC0 == 0x80 { offset += 1 }
            character += 1
        }
        while character > wanted, offset > start {
            offset -= 1
            while offset > start, bytes[offset] & 0xC0 == 0x80 { offset -= 1 }
            character -= 1
        }
        return offset
    }
}
