/// Puts the spaces inside `${…}` and `%{…}` right, as `terraform fmt` does: around operators, after commas, none
/// inside brackets.
///
/// What stands on several lines, and what has a comment in it, is left to the hand that has arranged it; so is
/// what cannot be read.
public enum ExpressionSpacing {
    /// A text with the spaces in its expressions put right. Nothing outside of expressions changes.
    public static func spaced(_ text: [UInt8]) -> [UInt8] {
        guard text.contains(UInt8(ascii: "{")) else { return text }
        var result: [UInt8] = []
        var copied = 0
        var offset = 0
        while offset + 1 < text.count {
            let sign = text[offset]
            guard sign == UInt8(ascii: "$") || sign == UInt8(ascii: "%") else {
                offset += 1
                continue
            }
            if text[offset + 1] == sign, offset + 2 < text.count, text[offset + 2] == UInt8(ascii: "{") {
                offset += 3
                continue
            }
            guard text[offset + 1] == UInt8(ascii: "{") else {
                offset += 1
                continue
            }
            guard let end = ExpressionBounds.end(of: offset + 2, in: text) else { break }
            if let spaced = expression(text, offset + 2..<end - 1, isDirective: sign == UInt8(ascii: "%")) {
                result.append(contentsOf: text[copied..<offset + 2])
                result.append(contentsOf: spaced)
                copied = end - 1
            }
            offset = end
        }
        return copied == 0 ? text : result + text[copied...]
    }

    /// Whether two texts differ in the spaces of their expressions alone.
    public static func areSame(_ left: String, _ right: String) -> Bool {
        left == right || spaced(Array(left.utf8)) == spaced(Array(right.utf8))
    }

    /// What stands between the braces, spaced; nil where it is to be left as it is.
    private static func expression(_ text: [UInt8], _ range: Range<Int>, isDirective: Bool) -> [UInt8]? {
        let inside = Array(text[range])
        guard let tokens = tokens(inside) else { return nil }
        var writer = SpacedTokens(inside, isDirective: isDirective)
        for token in tokens { writer.write(token) }
        let result = writer.finished()
        // The same words and signs must come out, whatever the rules above have made of them.
        guard let again = self.tokens(result), again.count == tokens.count else { return nil }
        let isSame = zip(tokens, again).allSatisfy { old, new in
            old.kind == new.kind && inside[old.start..<old.end] == result[new.start..<new.end]
        }
        return isSame ? result : nil
    }

    /// Strings are one token each. Nil where anything but blanks stands between tokens, or where there is no sense.
    private static func tokens(_ inside: [UInt8]) -> [Token]? {
        var lexer = Lexer(inside)
        var tokens: [Token] = []
        var end = 0
        while true {
            var token = lexer.next()
            guard inside[end..<min(token.start, inside.count)].allSatisfy({ $0 == 0x20 || $0 == 0x09 }) else {
                return nil
            }
            switch token.kind {
            case .end: return tokens.isEmpty ? nil : tokens
            case .invalid, .heredoc, .newline: return nil
            case .quote:
                guard let close = ExpressionBounds.endOfString(from: token.end, in: inside) else { return nil }
                token = Token(kind: .quote, start: token.start, end: close)
                lexer.offset = close
            default: break
            }
            end = token.end
            tokens.append(token)
        }
    }
}

/// Finds where expressions and strings end, without reading what they say.
private enum ExpressionBounds {
    /// Behind the `}` of an expression whose inside begins at `start`; nil where it does not end.
    static func end(of start: Int, in text: [UInt8]) -> Int? {
        var depth = 1
        var offset = start
        while offset < text.count {
            switch text[offset] {
            case UInt8(ascii: "\""):
                guard let end = endOfString(from: offset + 1, in: text) else { return nil }
                offset = end
                continue
            case UInt8(ascii: "{"): depth += 1
            case UInt8(ascii: "}"):
                depth -= 1
                if depth == 0 { return offset + 1 }
            default: break
            }
            offset += 1
        }
        return nil
    }

    /// Behind the closing quote of a string, which may hold expressions with strings of their own.
    static func endOfString(from start: Int, in text: [UInt8]) -> Int? {
        /// The braces that are open in each expression inside; a string is open where the last is nil.
        var open: [Int?] = [nil]
        var offset = start
        while offset < text.count {
            let byte = text[offset]
            if let depth = open[open.count - 1] {
                switch byte {
                case UInt8(ascii: "\""): open.append(nil)
                case UInt8(ascii: "{"): open[open.count - 1] = depth + 1
                case UInt8(ascii: "}"):
                    if depth == 1 { open.removeLast() } else { open[open.count - 1] = depth - 1 }
                default: break
                }
            } else if byte == UInt8(ascii: "\\") {
                offset += 1
            } else if byte == UInt8(ascii: "\"") {
                open.removeLast()
                if open.isEmpty { return offset + 1 }
            } else if byte == UInt8(ascii: "$") || byte == UInt8(ascii: "%"), offset + 1 < text.count {
                let isLiteral =
                    text[offset + 1] == byte && offset + 2 < text.count && text[offset + 2] == UInt8(ascii: "{")
                if isLiteral {
                    offset += 2
                } else if text[offset + 1] == UInt8(ascii: "{") {
                    open.append(1)
                    offset += 1
                }
            }
            offset += 1
        }
        return nil
    }
}
