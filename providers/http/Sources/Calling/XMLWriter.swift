import PlumbModel

/// Writes a value as an XML document: `{"Root": {"@xmlns": "…", "Item": ["a", "b"]}}`.
enum XMLWriter {
    /// Nil where the value is no single root element, or has names that no element can have.
    static func text(_ value: Value) -> String? {
        guard let root = value.asMap, root.count == 1, root[0].value.asList == nil else { return nil }
        var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
        return write(root[0].key, root[0].value, &text) ? text : nil
    }

    private static func write(_ name: String, _ value: Value, _ text: inout String) -> Bool {
        guard isName(name) else { return false }
        if let elements = value.asList {
            return elements.allSatisfy { $0.asList == nil && write(name, $0, &text) }
        }
        text += "<\(name)"
        let entries = value.asMap ?? ValueMap()
        for entry in entries where entry.key.hasPrefix("@") {
            guard isName(String(entry.key.dropFirst())), let content = entry.value.asText else { return false }
            text += " \(entry.key.dropFirst())=\"\(escaped(content))\""
        }
        text += ">"
        if let content = value.asText { text += escaped(content) }
        for entry in entries where !entry.key.hasPrefix("@") {
            if entry.key == "#text" {
                guard let content = entry.value.asText else { return false }
                text += escaped(content)
            } else if !write(entry.key, entry.value, &text) {
                return false
            }
        }
        text += "</\(name)>"
        return true
    }

    private static func isName(_ name: String) -> Bool {
        guard let first = name.utf8.first, isLetter(first) else { return false }
        return name.utf8.allSatisfy {
            isLetter($0) || ($0 >= 0x30 && $0 <= 0x39) || $0 == 0x2D || $0 == 0x2E || $0 == 0x3A
        }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (byte >= 0x61 && byte <= 0x7A) || (byte >= 0x41 && byte <= 0x5A) || byte == 0x5F || byte >= 0x80
    }

    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\n", "\r", "\t": result += "&#\(scalar.value);"
            // Other control characters have no place in XML 1.0.
            case _ where scalar.value < 0x20: result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
