import PlumbModel

/// Recognises `${…}` that YAML has cut apart because nobody quoted it.
enum ExpressionQuoting {
    /// A plain scalar that ends in the middle of an expression because ` #` begins a comment.
    static func cutByComment(_ text: String, in file: SourceFile, at place: SourceRange) -> Diagnostic? {
        guard text.utf8.contains(UInt8(ascii: "$")), isOpen(Array(text.utf8)) else { return nil }
        var offset = place.end
        while offset < file.bytes.count, file.bytes[offset] == 0x20 || file.bytes[offset] == 0x09 { offset += 1 }
        guard offset < file.bytes.count, file.bytes[offset] == UInt8(ascii: "#") else { return nil }
        var end = offset
        while end < file.bytes.count, file.bytes[end] != 0x0A, file.bytes[end] != 0x0D { end += 1 }
        let whole = SourceRange(file: file, start: place.start, end: end)
        return diagnostic(
            "holds \" #\", which begins a comment in YAML: the value ends before it", value: whole.text, at: whole)
    }

    /// The problem of an unquoted expression at a place where libyaml has stopped, if there is one.
    static func broken(in file: SourceFile, at offset: Int, isFlow: Bool) -> Diagnostic? {
        let bytes = file.bytes
        if offset > 0, offset < bytes.count, bytes[offset] == UInt8(ascii: "{"), bytes[offset - 1] == UInt8(ascii: "$")
        {
            guard let end = expressionEnd(bytes, from: offset + 1) else { return nil }
            return diagnostic(
                "stands in [...] or {...}, where YAML itself reads braces, brackets and commas",
                value: valueText(bytes, around: offset - 1, end: end),
                at: SourceRange(file: file, start: offset - 1, end: end))
        }
        guard !isFlow, let start = openExpression(bytes, before: offset) else { return nil }
        let end = expressionEnd(bytes, from: start + 2) ?? lineEnd(bytes, from: offset)
        return diagnostic(
            "holds \": \", which separates a key from its value in YAML",
            value: valueText(bytes, around: start, end: end), at: SourceRange(file: file, start: start, end: end))
    }

    /// The problem of a quoted expression whose own quotes have ended the string.
    static func endedByItsQuotes(_ scalar: YAMLTreeBuilder.LastScalar, in file: SourceFile) -> Diagnostic? {
        guard scalar.style == .doubleQuoted || scalar.style == .singleQuoted else { return nil }
        guard isOpen(Array(scalar.text.utf8)), scalar.end < file.bytes.count else { return nil }
        let next = file.bytes[scalar.end]
        guard ![0x0A, 0x0D, 0x20, UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]")].contains(next) else {
            return nil
        }
        let range = SourceRange(file: file, start: scalar.start, end: scalar.end)
        let advice =
            scalar.style == .doubleQuoted
            ? "Put the value in single quotes, or write the inner quotes as \\\"."
            : "Put the value in double quotes, or write the inner quotes twice."
        return .error(
            "Quotes end inside an expression",
            "The string ends here, in the middle of ${...}, because the expression has the same quotes as the string. "
                + advice, at: range)
    }

    private static func diagnostic(_ reason: String, value: String, at place: SourceRange) -> Diagnostic {
        .error(
            "Expression must be quoted",
            "The unquoted expression \(reason). Put the whole value in quotes: \(quoted(value))", at: place.firstLine)
    }

    private static func quoted(_ value: String) -> String {
        let oneLine = value.split(whereSeparator: \.isNewline).map { $0.drop { $0 == " " } }.joined(separator: " ")
        guard oneLine.contains("\"") || oneLine.contains("\\") else { return "\"\(oneLine)\"" }
        return "'" + oneLine.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
    }

    /// Whether a text ends inside a `${`.
    private static func isOpen(_ text: [UInt8]) -> Bool {
        var offset = 0
        while offset + 1 < text.count {
            guard text[offset] == UInt8(ascii: "$"), text[offset + 1] == UInt8(ascii: "{") else {
                offset += 1
                continue
            }
            if offset > 0, text[offset - 1] == UInt8(ascii: "$") {
                offset += 2
                continue
            }
            guard let end = expressionEnd(text, from: offset + 2) else { return true }
            offset = end
        }
        return false
    }

    /// Behind the `}` of an expression whose inside begins at `start`; nil where it does not end within ten lines.
    private static func expressionEnd(_ bytes: [UInt8], from start: Int) -> Int? {
        var depth = 1
        var inString = false
        var lines = 0
        var offset = start
        while offset < bytes.count, lines < 10 {
            switch bytes[offset] {
            case UInt8(ascii: "\\") where inString: offset += 1
            case UInt8(ascii: "\""): inString.toggle()
            case UInt8(ascii: "{") where !inString: depth += 1
            case UInt8(ascii: "}") where !inString:
                depth -= 1
                if depth == 0 { return offset + 1 }
            case 0x0A: lines += 1
            default: break
            }
            offset += 1
        }
        return nil
    }

    /// The `$` of an unquoted expression that stands on the line of `offset` and begins before it and ends behind it.
    private static func openExpression(_ bytes: [UInt8], before offset: Int) -> Int? {
        var start = min(offset, bytes.count)
        while start > 0, bytes[start - 1] != 0x0A { start -= 1 }
        var quote: UInt8?
        for index in start..<min(offset, bytes.count) {
            let byte = bytes[index]
            if let open = quote {
                if byte == open { quote = nil }
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'"),
                index == start || bytes[index - 1] == 0x20
            {
                quote = byte
            } else if byte == UInt8(ascii: "$"), index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: "{") {
                // An expression that has ended before the place is not what broke there.
                if let end = expressionEnd(bytes, from: index + 2), end <= offset { continue }
                return index
            }
        }
        return nil
    }

    /// The unquoted value around an expression: from behind the `: `, `- `, bracket or comma before it.
    private static func valueText(_ bytes: [UInt8], around start: Int, end: Int) -> String {
        var first = start
        while first > 0 {
            let byte = bytes[first - 1]
            if byte == 0x20 || byte == 0x0A || "[{,".utf8.contains(byte) { break }
            first -= 1
        }
        var last = end
        while last < bytes.count, ![0x20, 0x0A, 0x0D].contains(bytes[last]), !",]}".utf8.contains(bytes[last]) {
            last += 1
        }
        return String(decoding: bytes[first..<last], as: UTF8.self)
    }

    private static func lineEnd(_ bytes: [UInt8], from offset: Int) -> Int {
        var end = min(offset, bytes.count)
        while end < bytes.count, bytes[end] != 0x0A, bytes[end] != 0x0D { end += 1 }
        return end
    }
}
