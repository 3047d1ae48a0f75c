import PlumbModel

/// Literals, parentheses, collections, loops and calls.
extension Parser {
    /// An operand with the steps behind it: `a.b[0].c`.
    mutating func postfix() throws(Diagnostics) -> Expression {
        let start = token.start
        let operand = try operand()
        return try steps(after: operand, from: start)
    }

    private mutating func operand() throws(Diagnostics) -> Expression {
        let start = token.start
        switch token.kind {
        case .number: return try number(from: start)
        case .quote: return try quoted()
        case .identifier: return try word()
        case .leftParenthesis: return try parenthesised()
        case .leftBracket: return try bracketed()
        case .leftBrace: return try braced()
        case .heredoc: return try heredoc()
        case .end, .newline:
            throw error("Invalid expression", "A value is missing: the expression ends where one is expected.")
        case .invalid where lexer.bytes[start] == UInt8(ascii: "/"):
            throw error("Invalid expression", "The comment that begins here with \"/*\" is never closed with \"*/\".")
        case .invalid where lexer.bytes[start] == UInt8(ascii: "'"):
            throw error("Invalid expression", "Strings are written in double quotes: \"text\", not 'text'.")
        default: throw error("Invalid expression", "A value is expected here, but \(describe(token)) is none.")
        }
    }

    private mutating func word() throws(Diagnostics) -> Expression {
        let name = token
        if isWord("true") || isWord("false") || isWord("null") {
            let value: Value = isWord("null") ? .null : .bool(isWord("true"))
            advance()
            return try finish(.literal(value), from: name.start, height: 1)
        }
        advance()
        if token.kind == .leftParenthesis || token.kind == .doubleColon { return try call(name) }
        return try reference(name)
    }

    private mutating func parenthesised() throws(Diagnostics) -> Expression {
        let open = token
        let inner = try enclosed { (parser) throws(Diagnostics) in
            let inner = try parser.expression()
            try parser.expect(.rightParenthesis, ")", closing: open)
            return inner
        }
        advance()
        // With its parentheses, so that what is marked in a message is what was written.
        return Expression(inner.kind, at: range(open.start, lastEnd))
    }

    /// The token must be this one; it is left for the caller to take, after the outer line break rule holds again.
    func expect(_ kind: Token.Kind, _ sign: String, closing open: Token) throws(Diagnostics) {
        guard token.kind != kind else { return }
        if token.kind == .end {
            throw error(
                "Unclosed bracket", "The \(describe(open)) that opens here is never closed with \"\(sign)\".",
                open.start,
                open.end)
        }
        throw error(
            "Invalid expression", "\(describe(token)) stands where \"\(sign)\" is expected to close \(describe(open)).")
    }

    private mutating func bracketed() throws(Diagnostics) -> Expression {
        let open = token
        let (kind, height) = try enclosed { (parser) throws(Diagnostics) -> (Expression.Kind, Int) in
            if parser.isWord("for") { return try parser.tupleLoop(open) }
            var elements: [Expression] = []
            var height = 0
            while parser.token.kind != .rightBracket {
                elements.append(try parser.expression())
                height = max(height, parser.height)
                guard parser.take(.comma) else { break }
            }
            try parser.expect(.rightBracket, "]", closing: open)
            return (.tuple(elements), height)
        }
        advance()
        return try finish(kind, from: open.start, height: 1 + height)
    }

    private mutating func tupleLoop(_ open: Token) throws(Diagnostics) -> (Expression.Kind, Int) {
        let header = try loopHeader()
        let value = try expression()
        var height = max(header.height, height)
        if token.kind == .arrow {
            throw error("Invalid for expression", "\"key => value\" makes an object and is written in { }, not in [ ].")
        }
        let condition = try loopCondition(&height)
        boundNames.removeLast(header.names)
        try expect(.rightBracket, "]", closing: open)
        return (.forTuple(header.loop(condition), value: value), height)
    }

    private mutating func objectLoop(_ open: Token) throws(Diagnostics) -> (Expression.Kind, Int) {
        let header = try loopHeader()
        let key = try expression()
        var height = max(header.height, height)
        guard take(.arrow) else {
            throw error(
                "Invalid for expression", "In { } each round makes a key and a value: { for x in list : key => value }."
            )
        }
        let value = try expression()
        height = max(self.height, height)
        let groups = take(.ellipsis)
        let condition = try loopCondition(&height)
        boundNames.removeLast(header.names)
        try expect(.rightBrace, "}", closing: open)
        return (.forObject(header.loop(condition), key: key, value: value, groups: groups), height)
    }

    /// `for key, value in collection` as it stands before a colon; the names are bound from here on.
    struct LoopHeader {
        let keyName: String?
        let valueName: String
        let collection: Expression
        let height: Int

        var names: Int { keyName == nil ? 1 : 2 }

        func loop(_ condition: Expression?) -> Expression.ForLoop {
            Expression.ForLoop(
                keyName: keyName, valueName: valueName, collection: collection, condition: condition)
        }
    }

    private mutating func loopHeader() throws(Diagnostics) -> LoopHeader {
        let header = try loopNames()
        guard take(.colon) else {
            throw error("Invalid for expression", "\":\" is expected after the collection, not \(describe(token)).")
        }
        return header
    }

    /// `for a, b in collection`, for loops and for the `%{ for }` of templates.
    mutating func loopNames() throws(Diagnostics) -> LoopHeader {
        advance()
        var names: [String] = []
        repeat {
            guard token.kind == .identifier, names.count < 2 else {
                throw error(
                    "Invalid for expression", "\"for\" takes one or two names: for value in …, for key, value in ….")
            }
            names.append(text(token))
            advance()
        } while take(.comma)
        guard isWord("in") else {
            throw error("Invalid for expression", "\"in\" is expected after the names, not \(describe(token)).")
        }
        advance()
        let collection = try expression()
        boundNames.append(contentsOf: names)
        return LoopHeader(
            keyName: names.count == 2 ? names[0] : nil, valueName: names[names.count - 1], collection: collection,
            height: height)
    }

    private mutating func loopCondition(_ height: inout Int) throws(Diagnostics) -> Expression? {
        guard isWord("if") else { return nil }
        advance()
        let condition = try expression()
        height = max(height, self.height)
        return condition
    }

    private mutating func braced() throws(Diagnostics) -> Expression {
        let open = token
        let (kind, height) = try enclosed(keepingNewlines: true) {
            (parser) throws(Diagnostics) -> (Expression.Kind, Int) in
            parser.skipNewlines()
            if parser.isWord("for") {
                // A loop is one thing: line breaks in it mean nothing.
                parser.lexer.keepsNewlines = false
                return try parser.objectLoop(open)
            }
            return try parser.objectItems(open)
        }
        advance()
        return try finish(kind, from: open.start, height: 1 + height)
    }

    private mutating func objectItems(_ open: Token) throws(Diagnostics) -> (Expression.Kind, Int) {
        var items: [Expression.ObjectItem] = []
        var height = 0
        while token.kind != .rightBrace {
            let key = try objectKey()
            height = max(height, self.height)
            guard take(.assign) || take(.colon) else {
                if token.kind == .end { try expect(.rightBrace, "}", closing: open) }
                throw error(
                    "Invalid expression", "\"=\" is expected after the key of an object, not \(describe(token)).")
            }
            items.append(Expression.ObjectItem(key: key, value: try expression()))
            height = max(height, self.height)
            guard take(.comma) || token.kind == .newline else { break }
            skipNewlines()
        }
        try expect(.rightBrace, "}", closing: open)
        return (.object(items), height)
    }

    mutating func skipNewlines() {
        while token.kind == .newline { advance() }
    }

    /// A bare word before `=` is the key itself; anything else is evaluated.
    private mutating func objectKey() throws(Diagnostics) -> Expression {
        guard token.kind == .identifier else { return try expression() }
        let mark = (token, lexer, lastEnd)
        let name = token
        advance()
        if token.kind == .assign || token.kind == .colon {
            return try finish(.literal(.string(text(name))), from: name.start, height: 1)
        }
        (token, lexer, lastEnd) = mark
        return try expression()
    }

    private mutating func call(_ name: Token) throws(Diagnostics) -> Expression {
        var end = name.end
        while token.kind == .doubleColon {
            advance()
            end = token.end
            guard take(.identifier), token.kind == .leftParenthesis || token.kind == .doubleColon else {
                throw error(
                    "Invalid expression", "A function's name is expected here, with its arguments in parentheses.")
            }
        }
        let written = String(decoding: lexer.bytes[name.start..<end], as: UTF8.self)
        let open = token
        let (arguments, expandsLast, height) = try enclosed {
            (parser) throws(Diagnostics) -> ([Expression], Bool, Int) in
            var arguments: [Expression] = []
            var height = 0
            var expandsLast = false
            while parser.token.kind != .rightParenthesis, !expandsLast {
                arguments.append(try parser.expression())
                height = max(height, parser.height)
                expandsLast = parser.take(.ellipsis)
                guard !expandsLast, parser.take(.comma) else { break }
            }
            try parser.expect(.rightParenthesis, ")", closing: open)
            return (arguments, expandsLast, height)
        }
        advance()
        let call = Expression.FunctionCall(
            name: written, nameRange: range(name.start, end), arguments: arguments, expandsLast: expandsLast)
        return try finish(.call(call), from: name.start, height: 1 + height)
    }
}
