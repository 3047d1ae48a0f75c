import PlumbModel

/// Writes values on one line. What is secret shows nothing of itself, not even its kind or length.
enum ValueText {
    static let sensitive = "(sensitive)"
    static let writeOnly = "(write-only)"
    static let unknown = "(known after apply)"

    /// What stands for a value that is secret.
    static func hidden(_ value: Value) -> String { value.isFingerprint ? writeOnly : sensitive }

    /// The whole value on one line, whatever its length.
    static func line(_ value: Value) -> String {
        var writer = Writer(limit: .max)
        writer.write(value)
        return writer.text
    }

    /// The value on one line, or nil where it takes more than `limit` columns.
    static func line(_ value: Value, limit: Int) -> String? {
        if case .string(let text) = value.kind, !value.isSensitive, text.utf8.count > limit * 4 { return nil }
        var writer = Writer(limit: limit)
        writer.write(value)
        return writer.isTooLong ? nil : writer.text
    }

    /// The value in at most `limit` columns, cut or counted where it is longer.
    static func brief(_ value: Value, limit: Int) -> String {
        if let line = line(value, limit: limit) { return line }
        switch value.kind {
        case .string(let text) where TextLines.areSeveral(text):
            return "(\(TextLines.block(text).count) lines of text)"
        case .string(let text):
            return TextWidth.clip(String(VisibleText.quote(String(text.prefix(limit))).dropLast()), to: limit - 1)
                + "\""
        case .list(let elements, _): return "[\(Wording.count(elements.count, "element"))]"
        case .map(let map, _): return "{\(Wording.count(map.count, "key"))}"
        default: return TextWidth.clip(ValueText.line(value), to: limit)
        }
    }

    /// How the value as a whole is painted.
    static func paint(_ value: Value) -> Paint {
        if value.isSensitive { return .dim }
        if case .unknown = value.kind { return .dim }
        return .plain
    }

    /// `app`, or `"a b"` where the key is no plain word.
    static func key(_ key: String) -> String {
        let step = AttributePath(key).description
        return step.hasPrefix("[") ? VisibleText.quote(key) : step
    }

    /// Collects the line and stops when it has become too long.
    private struct Writer {
        let limit: Int
        var text = ""
        var columns = 0

        var isTooLong: Bool { columns > limit }

        init(limit: Int) { self.limit = limit }

        mutating func append(_ piece: String) {
            text += piece
            if limit != .max { columns += TextWidth.columns(of: piece) }
        }

        mutating func write(_ value: Value) {
            if value.isSensitive { return append(ValueText.hidden(value)) }
            switch value.kind {
            case .null: append("null")
            case .bool(let flag): append(flag ? "true" : "false")
            case .number(let number): append(number.description)
            case .string(let text): append(VisibleText.quote(text))
            case .unknown: append(ValueText.unknown)
            case .list(let elements, _):
                append("[")
                for (index, element) in elements.enumerated() where !isTooLong {
                    if index > 0 { append(", ") }
                    write(element)
                }
                append("]")
            case .map(let map, _):
                append("{")
                for (index, entry) in map.enumerated() where !isTooLong {
                    append("\(index > 0 ? ", " : "")\(ValueText.key(entry.key)): ")
                    write(entry.value)
                }
                append("}")
            }
        }
    }
}
