import PlumbModel

/// Strings: text with `${…}` and `%{…}` in it.
extension Parser {
    /// Where a template stands, which says what escapes it has and where it ends.
    enum TemplateMode: Equatable {
        /// A scalar of a spec or a template file: no escapes, up to the end of the text.
        case plain
        /// In double quotes inside an expression.
        case quoted
        /// A here document up to `end`; of an indented one the indentation that all lines have is taken away.
        case heredoc(end: Int, isIndented: Bool)
    }

    /// What has ended a list of template parts.
    private enum Ending: Equatable {
        case end
        case word(String, start: Int, end: Int)
    }

    mutating func quoted() throws(Diagnostics) -> Expression {
        let open = token
        return try nested { (parser) throws(Diagnostics) in
            try parser.template(.quoted, from: open.end, rangeStart: open.start)
        }
    }

    /// Reads a template up to its end and, in an expression, advances to the token behind it.
    mutating func template(
        _ mode: TemplateMode, from start: Int, rangeStart: Int
    ) throws(Diagnostics) -> Expression {
        let outerTrim = trimsNext
        let outerNewlines = lexer.keepsNewlines
        trimsNext = false
        lexer.offset = start
        var height = 0
        var (parts, ending) = try parts(mode, &height)
        if case .heredoc(_, true) = mode { parts = HeredocFlusher.flush(parts) }
        if case .word(let word, let start, let end) = ending {
            throw error(
                "Invalid template", "%{ \(word) } stands here without a %{ if } or %{ for } before it.", start, end)
        }
        trimsNext = outerTrim
        lexer.keepsNewlines = outerNewlines
        if mode == .plain { lastEnd = lexer.offset } else { closeTemplate() }
        if parts.isEmpty { return try finish(.literal(.string("")), from: rangeStart, height: 1) }
        if parts.count == 1 {
            // A lone text is a string, and a lone ${…} keeps its type.
            if case .text(let text) = parts[0] {
                return try finish(.literal(.string(text)), from: rangeStart, height: 1)
            }
            if case .interpolation(let inner) = parts[0] {
                self.height = height
                return inner
            }
        }
        return try finish(.template(parts), from: rangeStart, height: 1 + height)
    }

    private mutating func closeTemplate() {
        token = Token(kind: .quote, start: lexer.offset, end: lexer.offset)
        advance()
    }

    private mutating func parts(
        _ mode: TemplateMode, _ height: inout Int
    ) throws(Diagnostics) -> ([Expression.TemplatePart], Ending) {
        var parts: [Expression.TemplatePart] = []
        while true {
            let text = try literalText(mode)
            let sign = lexer.offset
            guard sign < limit(mode), lexer.bytes[sign] != UInt8(ascii: "\"") || mode != .quoted else {
                append(text, to: &parts)
                if mode == .quoted { lexer.offset += 1 }
                return (parts, .end)
            }
            let isDirective = lexer.bytes[sign] == UInt8(ascii: "%")
            let trimsBefore = sign + 2 < lexer.bytes.count && lexer.bytes[sign + 2] == UInt8(ascii: "~")
            append(trimsBefore ? Parser.trimmedEnd(text, wholly: mode == .quoted) : text, to: &parts)
            lexer.offset = sign + (trimsBefore ? 3 : 2)
            lexer.keepsNewlines = false
            if isDirective {
                if let ending = try directive(sign, mode, into: &parts, &height) { return (parts, ending) }
            } else {
                advance()
                parts.append(.interpolation(try expression()))
                height = max(height, self.height)
                try closeInterpolation(sign, mode)
            }
        }
    }

    private func limit(_ mode: TemplateMode) -> Int {
        if case .heredoc(let end, _) = mode { end } else { lexer.bytes.count }
    }

    private func append(_ text: [UInt8], to parts: inout [Expression.TemplatePart]) {
        if !text.isEmpty { parts.append(.text(String(decoding: text, as: UTF8.self))) }
    }

    /// The `}` or `~}` that ends what `sign` has opened; text follows it.
    private mutating func closeInterpolation(_ sign: Int, _ mode: TemplateMode) throws(Diagnostics) {
        let trimsAfter = token.kind == .tilde
        if trimsAfter { advance() }
        guard token.kind == .rightBrace else {
            let opening = lexer.bytes[sign] == UInt8(ascii: "%") ? "%{" : "${"
            if token.kind == .end {
                throw error(
                    "Unclosed interpolation",
                    "The \"\(opening)\" that begins here is never closed with \"}\". For a literal \"\(opening)\" write "
                        + "\"\(opening.prefix(1))\(opening)\".", sign, sign + 2)
            }
            throw error(
                "Invalid expression",
                "\(describe(token)) stands where \"}\" is expected to end the \"\(opening)\" of this template.")
        }
        lexer.offset = token.end
        lastEnd = token.end
        trimsNext = trimsAfter
    }

    /// Reads a directive with all it encloses; gives the word where the directive only ends an enclosing one.
    private mutating func directive(
        _ sign: Int, _ mode: TemplateMode, into parts: inout [Expression.TemplatePart], _ height: inout Int
    ) throws(Diagnostics) -> Ending? {
        advance()
        if isWord("if") {
            advance()
            parts.append(
                try nested { (parser) throws(Diagnostics) in try parser.conditionalDirective(sign, mode, &height) })
            return nil
        }
        if isWord("for") {
            parts.append(try nested { (parser) throws(Diagnostics) in try parser.loopDirective(sign, mode, &height) })
            return nil
        }
        guard isWord("else") || isWord("endif") || isWord("endfor") else {
            throw error(
                "Invalid template",
                "A directive is one of if, else, endif, for, endfor; \(describe(token)) is none. For a literal \"%{\" "
                    + "write \"%%{\".")
        }
        let word = text(token)
        advance()
        try closeInterpolation(sign, mode)
        return .word(word, start: sign, end: lastEnd)
    }

    private mutating func conditionalDirective(
        _ sign: Int, _ mode: TemplateMode, _ height: inout Int
    ) throws(Diagnostics) -> Expression.TemplatePart {
        let condition = try expression()
        height = max(height, self.height)
        try closeInterpolation(sign, mode)
        var inner = 0
        let (then, ending) = try parts(mode, &inner)
        var otherwise: [Expression.TemplatePart] = []
        var last = ending
        if case .word("else", _, _) = ending { (otherwise, last) = try parts(mode, &inner) }
        try close(last, with: "endif", opened: "if", sign)
        height = max(height, 1 + inner)
        return .conditional(condition, then: then, else: otherwise)
    }

    private mutating func loopDirective(
        _ sign: Int, _ mode: TemplateMode, _ height: inout Int
    ) throws(Diagnostics) -> Expression.TemplatePart {
        let header = try loopNames()
        try closeInterpolation(sign, mode)
        var inner = header.height
        let (body, ending) = try parts(mode, &inner)
        boundNames.removeLast(header.names)
        try close(ending, with: "endfor", opened: "for", sign)
        height = max(height, 1 + inner)
        return .loop(header.loop(nil), body: body)
    }

    private func close(
        _ ending: Ending, with word: String, opened opening: String, _ sign: Int
    ) throws(Diagnostics) {
        switch ending {
        case .word(word, _, _): return
        case .word(let other, let start, let end):
            throw error(
                "Invalid template", "%{ \(other) } stands where the %{ \(opening) } before it needs %{ \(word) }.",
                start, end)
        case .end:
            throw error(
                "Invalid template", "The %{ \(opening) } that begins here is never ended with %{ \(word) }.", sign,
                sign + 2)
        }
    }
}
