/// A YAML text in the making, laid out as a person would: short mappings in one line, comments above what they are about.
indirect enum YAMLDraft: Equatable {
    /// A string, or an expression.
    case text(String)
    /// A number or a bool, as it is.
    case plain(String)
    case list([YAMLDraft])
    case map([Entry])
    case anchored(String, YAMLDraft)
    case alias(String)

    struct Entry: Equatable {
        let key: String
        var value: YAMLDraft
        var comment: String?
        /// Over several lines, however short it is.
        var isOpen = false

        init(_ key: String, _ value: YAMLDraft, comment: String? = nil, isOpen: Bool = false) {
            self.key = key
            self.value = value
            self.comment = comment
            self.isOpen = isOpen
        }
    }

    static func flag(_ value: Bool) -> YAMLDraft { .plain(value ? "true" : "false") }

    var isEmpty: Bool {
        switch self {
        case .list(let elements): elements.isEmpty
        case .map(let entries): entries.isEmpty
        default: false
        }
    }

    /// The value at a key of a mapping.
    subscript(key: String) -> YAMLDraft? {
        guard case .map(let entries) = self else { return nil }
        return entries.first { $0.key == key }?.value
    }
}

/// Writes a YAML draft as text.
struct YAMLWriter {
    private static let width = 116

    private(set) var text = ""

    mutating func write(_ entries: [YAMLDraft.Entry], indent: Int = 0) {
        for entry in entries { write(entry, indent: indent) }
    }

    mutating func comment(_ words: String, indent: Int = 0) {
        let start = String(repeating: " ", count: indent) + "#"
        var line = start
        // Names out of a document must not end the comment.
        let isGap = { (scalar: Unicode.Scalar) in
            scalar.value < 0x21 || (0x7F..<0xA1).contains(scalar.value) || (0x2028...0x2029).contains(scalar.value)
        }
        for word in words.unicodeScalars.split(whereSeparator: isGap).map(String.init) {
            if line.count + word.count + 1 > YAMLWriter.width, line != start {
                text += line + "\n"
                line = start
            }
            line += " " + word
        }
        text += line + "\n"
    }

    mutating func blankLine() { text += "\n" }

    private mutating func write(_ entry: YAMLDraft.Entry, indent: Int) {
        if let comment = entry.comment { self.comment(comment, indent: indent) }
        let start = String(repeating: " ", count: indent) + YAMLWriter.key(entry.key) + ":"
        text += start
        write(entry.value, indent: indent, column: start.count, isOpen: entry.isOpen)
    }

    private mutating func write(_ value: YAMLDraft, indent: Int, column: Int, isOpen: Bool) {
        if !isOpen, let line = YAMLWriter.line(value, inFlow: false), column + 1 + line.count <= YAMLWriter.width {
            text += " " + line + "\n"
            return
        }
        switch value {
        case .anchored(let name, let inner):
            text += " &" + name
            write(inner, indent: indent, column: column + name.count + 2, isOpen: true)
        case .map(let entries) where !entries.isEmpty:
            text += "\n"
            write(entries, indent: indent + 2)
        case .list(let elements) where !elements.isEmpty:
            text += "\n"
            for element in elements { write(element: element, indent: indent + 2) }
        case .text(let words) where YAMLWriter.isFoldable(words): fold(words, indent: indent + 2)
        default: text += " " + (YAMLWriter.line(value, inFlow: false) ?? "null") + "\n"
        }
    }

    private mutating func write(element: YAMLDraft, indent: Int) {
        let start = String(repeating: " ", count: indent) + "- "
        if let line = YAMLWriter.line(element, inFlow: false), start.count + line.count <= YAMLWriter.width {
            text += start + line + "\n"
        } else if case .map(let entries) = element, !entries.isEmpty {
            var inner = YAMLWriter()
            inner.write(entries, indent: indent + 2)
            // The first entry stands behind the dash.
            text += start + inner.text.dropFirst(indent + 2)
        } else {
            text += start + (YAMLWriter.line(element, inFlow: true) ?? "null") + "\n"
        }
    }

    private static func isFoldable(_ words: String) -> Bool {
        words.contains(" ") && !words.contains("\n") && !words.contains("  ") && words.first != " " && words.last != " "
    }

    private mutating func fold(_ words: String, indent: Int) {
        text += " >-\n"
        var line = String(repeating: " ", count: indent)
        var isFirst = true
        for word in words.split(separator: " ") {
            if !isFirst, line.count + word.count + 1 > YAMLWriter.width {
                text += line + "\n"
                line = String(repeating: " ", count: indent)
                isFirst = true
            }
            line += (isFirst ? "" : " ") + word
            isFirst = false
        }
        text += line + "\n"
    }

    // MARK: - In one line

    /// Nil where it needs several lines.
    private static func line(_ value: YAMLDraft, inFlow: Bool) -> String? {
        switch value {
        case .text(let text): return scalar(text, inFlow: inFlow)
        case .plain(let text): return text
        case .alias(let name): return "*" + name
        case .anchored(let name, let inner): return line(inner, inFlow: inFlow).map { "&\(name) \($0)" }
        case .list(let elements):
            let parts = elements.compactMap { line($0, inFlow: true) }
            return parts.count == elements.count ? "[" + parts.joined(separator: ", ") + "]" : nil
        case .map(let entries):
            guard entries.allSatisfy({ $0.comment == nil && !$0.isOpen }) else { return nil }
            let parts = entries.compactMap { entry in
                line(entry.value, inFlow: true).map { key(entry.key) + ": " + $0 }
            }
            return parts.count == entries.count ? "{" + parts.joined(separator: ", ") + "}" : nil
        }
    }

    private static func key(_ key: String) -> String {
        isWord(key) ? key : quoted(key)
    }

    private static func isWord(_ text: String) -> Bool {
        guard let first = text.utf8.first, isLetter(first) || first == UInt8(ascii: "_") || first == UInt8(ascii: "/")
        else { return false }
        let isPlain = text.utf8.allSatisfy {
            isLetter($0) || (0x30...0x39).contains($0) || "_-./".utf8.contains($0)
        }
        return isPlain && !isReserved(text)
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }

    /// What YAML, or a reader of an older YAML, takes for something other than a string.
    private static func isReserved(_ text: String) -> Bool {
        ["", "null", "~", "true", "false", "yes", "no", "on", "off", "y", "n"].contains(text.lowercased())
    }

    private static func scalar(_ text: String, inFlow: Bool) -> String {
        isPlain(text, inFlow: inFlow) ? text : quoted(text)
    }

    private static func isPlain(_ text: String, inFlow: Bool) -> Bool {
        guard let first = text.unicodeScalars.first, !isReserved(text), text.last != " ", text.last != ":" else {
            return false
        }
        let isStart = (first.isASCII && first.properties.isAlphabetic) || first == "$" || first == "/" || first == "_"
        guard isStart, !text.contains(": "), !text.contains(" #") else { return false }
        guard text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F && $0.value < 0x2028 }) else {
            return false
        }
        return !inFlow || !text.contains { "[]{},\"'".contains($0) }
    }

    /// Single quotes where double quotes would have to be escaped.
    private static func quoted(_ text: String) -> String {
        let isSimple = text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value < 0x7F || $0.value >= 0xA0 }
        if isSimple, text.contains("\"") || text.contains("\\") { return "'" + text.replacing("'", with: "''") + "'" }
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\" + String(scalar)
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case _ where scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value):
                let code = String(scalar.value, radix: 16, uppercase: true)
                result += "\\x" + String(repeating: "0", count: 2 - code.count) + code
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}

extension String {
    /// As text of which nothing is taken for an expression.
    var withoutExpressions: String {
        replacing("${", with: "$${").replacing("%{", with: "%%{")
    }
}
