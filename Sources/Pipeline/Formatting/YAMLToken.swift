import CLibYAML

/// One sign or word of a YAML text, or a place where a block collection begins or ends.
struct YAMLToken {
    enum Kind {
        case directive, documentStart, documentEnd
        case blockSequenceStart, blockMappingStart, blockEnd
        case flowSequenceStart, flowMappingStart, flowEnd, flowEntry
        case blockEntry, key, value
        case alias, anchor, tag
        case plain, singleQuoted, doubleQuoted, block
        case streamEnd
    }

    let kind: Kind
    /// In bytes.
    let start: Int
    let end: Int
    /// Of the start, in characters from 0.
    let column: Int

    /// A place without a text: the key of `key: value`, where a collection begins and ends.
    var isInvisible: Bool {
        switch kind {
        case .blockSequenceStart, .blockMappingStart, .blockEnd: true
        case .key: start == end
        default: false
        }
    }

    var isScalar: Bool {
        switch kind {
        case .plain, .singleQuoted, .doubleQuoted, .block: true
        default: false
        }
    }

    var opensFlow: Bool { kind == .flowSequenceStart || kind == .flowMappingStart }
}

/// Cuts YAML into tokens with libyaml, which gives their places and leaves out what stands between them.
struct YAMLTokenizer {
    /// All tokens of a text without a byte order mark; nil where libyaml refuses it.
    static func tokens(of text: [UInt8]) -> [YAMLToken]? {
        text.withUnsafeBufferPointer { bytes in
            let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
            defer { parser.deallocate() }
            guard yaml_parser_initialize(parser) == 1 else { return nil }
            defer { yaml_parser_delete(parser) }
            yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
            yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
            var tokenizer = YAMLTokenizer(bytes: bytes)
            return tokenizer.scan(parser)
        }
    }

    private let bytes: UnsafeBufferPointer<UInt8>
    private var character = 0
    private var offset = 0

    private init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    private mutating func scan(_ parser: UnsafeMutablePointer<yaml_parser_t>) -> [YAMLToken]? {
        var tokens: [YAMLToken] = []
        var token = yaml_token_t()
        while yaml_parser_scan(parser, &token) == 1 {
            defer { yaml_token_delete(&token) }
            guard token.type != YAML_NO_TOKEN else { return nil }
            guard token.type != YAML_STREAM_START_TOKEN else { continue }
            guard let kind = YAMLTokenizer.kind(of: token) else { return nil }
            let start = place(of: token.start_mark)
            tokens.append(
                YAMLToken(kind: kind, start: start, end: place(of: token.end_mark), column: token.start_mark.column))
            if kind == .streamEnd { return tokens }
        }
        return nil
    }

    /// Marks count characters, and come nearly in order.
    private mutating func place(of mark: yaml_mark_t) -> Int {
        while character < mark.index, offset < bytes.count {
            offset += 1
            while offset < bytes.count, bytes[offset] & 0xC0 == 0x80 { offset += 1 }
            character += 1
        }
        while character > mark.index, offset > 0 {
            offset -= 1
            while offset > 0, bytes[offset] & 0xC0 == 0x80 { offset -= 1 }
            character -= 1
        }
        return offset
    }

    private static func kind(of token: yaml_token_t) -> YAMLToken.Kind? {
        switch token.type {
        case YAML_STREAM_END_TOKEN: .streamEnd
        case YAML_VERSION_DIRECTIVE_TOKEN, YAML_TAG_DIRECTIVE_TOKEN: .directive
        case YAML_DOCUMENT_START_TOKEN: .documentStart
        case YAML_DOCUMENT_END_TOKEN: .documentEnd
        case YAML_BLOCK_SEQUENCE_START_TOKEN: .blockSequenceStart
        case YAML_BLOCK_MAPPING_START_TOKEN: .blockMappingStart
        case YAML_BLOCK_END_TOKEN: .blockEnd
        case YAML_FLOW_SEQUENCE_START_TOKEN: .flowSequenceStart
        case YAML_FLOW_MAPPING_START_TOKEN: .flowMappingStart
        case YAML_FLOW_SEQUENCE_END_TOKEN, YAML_FLOW_MAPPING_END_TOKEN: .flowEnd
        case YAML_FLOW_ENTRY_TOKEN: .flowEntry
        case YAML_BLOCK_ENTRY_TOKEN: .blockEntry
        case YAML_KEY_TOKEN: .key
        case YAML_VALUE_TOKEN: .value
        case YAML_ALIAS_TOKEN: .alias
        case YAML_ANCHOR_TOKEN: .anchor
        case YAML_TAG_TOKEN: .tag
        case YAML_SCALAR_TOKEN:
            switch token.data.scalar.style {
            case YAML_SINGLE_QUOTED_SCALAR_STYLE: .singleQuoted
            case YAML_DOUBLE_QUOTED_SCALAR_STYLE: .doubleQuoted
            case YAML_LITERAL_SCALAR_STYLE, YAML_FOLDED_SCALAR_STYLE: .block
            default: .plain
            }
        default: nil
        }
    }
}
