import PlumbModel

/// JSON as people and `jq` both read it: two spaces a level, keys sorted. What is unknown is written as null, and marks
/// are not written at all, so secrets are in it.
enum IndentedJSON {
    /// Ends with a line end.
    static func text(_ value: Value) -> String {
        var text = ""
        write(value, to: &text, indent: "")
        return text + "\n"
    }

    private static func write(_ value: Value, to text: inout String, indent: String) {
        let inner = indent + "  "
        switch value.kind {
        case .list(let elements, _) where !elements.isEmpty:
            text += "["
            for (index, element) in elements.enumerated() {
                text += (index > 0 ? ",\n" : "\n") + inner
                write(element, to: &text, indent: inner)
            }
            text += "\n\(indent)]"
        case .map(let map, _) where !map.isEmpty:
            text += "{"
            for (index, entry) in map.enumerated() {
                text += (index > 0 ? ",\n" : "\n") + inner + Value.string(entry.key).json + ": "
                write(entry.value, to: &text, indent: inner)
            }
            text += "\n\(indent)}"
        default: text += value.json
        }
    }
}
