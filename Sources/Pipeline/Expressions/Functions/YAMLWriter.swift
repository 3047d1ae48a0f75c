import CLibYAML
import PlumbModel

/// Writes a value as YAML the way Terraform's `yamlencode` does: keys and strings in double quotes, texts of several
/// lines as blocks.
enum YAMLWriter {
    static func document(_ value: Value) -> String {
        switch value.kind {
        // A plain scalar alone could go on; three dots say that it does not.
        case .null, .bool, .number, .unknown: return value.json + "\n...\n"
        default: break
        }
        let collector = Collector()
        var emitter = yaml_emitter_t()
        guard yaml_emitter_initialize(&emitter) == 1 else { preconditionFailure("libyaml is out of memory.") }
        defer { yaml_emitter_delete(&emitter) }
        yaml_emitter_set_unicode(&emitter, 1)
        let handle = Unmanaged.passUnretained(collector).toOpaque()
        yaml_emitter_set_output(
            &emitter,
            { handle, bytes, count in
                guard let handle, let bytes else { return 0 }
                let buffer = UnsafeBufferPointer(start: bytes, count: count)
                Unmanaged<Collector>.fromOpaque(handle).takeUnretainedValue().bytes.append(contentsOf: buffer)
                return 1
            }, handle)
        withExtendedLifetime(collector) {
            emit(&emitter) { yaml_stream_start_event_initialize(&$0, YAML_UTF8_ENCODING) }
            emit(&emitter) { yaml_document_start_event_initialize(&$0, nil, nil, nil, 1) }
            write(value, &emitter)
            emit(&emitter) { yaml_document_end_event_initialize(&$0, 1) }
            emit(&emitter) { yaml_stream_end_event_initialize(&$0) }
        }
        return String(decoding: collector.bytes, as: UTF8.self)
    }

    /// What libyaml has written.
    private final class Collector {
        var bytes: [UInt8] = []
    }

    private static func emit(_ emitter: inout yaml_emitter_t, _ initialise: (inout yaml_event_t) -> Int32) {
        var event = yaml_event_t()
        guard initialise(&event) == 1, yaml_emitter_emit(&emitter, &event) == 1 else {
            preconditionFailure("libyaml refuses an event that is in order, or is out of memory.")
        }
    }

    private static func write(_ value: Value, _ emitter: inout yaml_emitter_t) {
        switch value.kind {
        case .null, .bool, .number, .unknown: write(value.json, YAML_PLAIN_SCALAR_STYLE, &emitter)
        case .string(let text): write(string: text, &emitter)
        case .list(let elements, _):
            emit(&emitter) { yaml_sequence_start_event_initialize(&$0, nil, nil, 1, YAML_BLOCK_SEQUENCE_STYLE) }
            for element in elements { write(element, &emitter) }
            emit(&emitter) { yaml_sequence_end_event_initialize(&$0) }
        case .map(let map, _):
            emit(&emitter) { yaml_mapping_start_event_initialize(&$0, nil, nil, 1, YAML_BLOCK_MAPPING_STYLE) }
            for entry in map {
                write(string: entry.key, &emitter)
                write(entry.value, &emitter)
            }
            emit(&emitter) { yaml_mapping_end_event_initialize(&$0) }
        }
    }

    private static func write(string text: String, _ emitter: inout yaml_emitter_t) {
        let isBlock = text.utf8.contains(0x0A)
        write(text, isBlock ? YAML_LITERAL_SCALAR_STYLE : YAML_DOUBLE_QUOTED_SCALAR_STYLE, &emitter)
    }

    private static func write(_ text: String, _ style: yaml_scalar_style_t, _ emitter: inout yaml_emitter_t) {
        let isPlain = style == YAML_PLAIN_SCALAR_STYLE
        let bytes = Array(text.utf8)
        bytes.withUnsafeBufferPointer { buffer in
            // An empty array has no address, but an empty scalar needs one.
            withUnsafePointer(to: UInt8(0)) { nothing in
                emit(&emitter) {
                    yaml_scalar_event_initialize(
                        &$0, nil, nil, buffer.baseAddress ?? nothing, Int32(buffer.count), isPlain ? 1 : 0, 1, style)
                }
            }
        }
    }
}
