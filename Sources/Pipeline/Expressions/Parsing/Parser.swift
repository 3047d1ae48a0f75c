import PlumbModel

/// Reads expressions by recursive descent: Terraform's syntax, every part with its place in the spec file.
struct Parser {
    var lexer: Lexer
    let positions: ScalarPositions
    /// The next token; what stands behind it has not been looked at yet.
    var token = Token(kind: .end, start: 0, end: 0)
    /// Where the last token that was taken ended.
    var lastEnd = 0
    /// The names that enclosing `for`s give to elements, innermost last.
    var boundNames: [String] = []
    /// False in template files, which see only what they are given.
    var permitsReferences = true
    /// How deep the parser stands in parts that are open.
    var nesting = 0
    /// How many brackets are open.
    private var openBrackets = 0
    private let stack = StackGauge()
    /// How many levels the expression that was read last has; long chains of operators count.
    var height = 0
    /// A `~` has asked for the white space at the beginning of the next text to go.
    var trimsNext = false

    init(_ bytes: [UInt8], _ positions: ScalarPositions) {
        lexer = Lexer(bytes)
        self.positions = positions
    }

    mutating func wholeExpression() throws(Diagnostics) -> Expression {
        advance()
        let expression = try expression()
        guard token.kind == .end else {
            throw error("Invalid expression", "\(describe(token)) follows where the expression has ended.")
        }
        return expression
    }

    mutating func wholeTemplate() throws(Diagnostics) -> Expression {
        try template(.plain, from: 0, rangeStart: 0)
    }

    /// Whether what it has failed at may be mended by further lines.
    var wantsMore: Bool {
        token.kind == .heredoc || (openBrackets > 0 && (token.kind == .end || token.kind == .newline))
    }

    // MARK: - Tokens

    mutating func advance() {
        lastEnd = token.end
        token = lexer.next()
    }

    /// Takes the token if it is of this kind.
    mutating func take(_ kind: Token.Kind) -> Bool {
        guard token.kind == kind else { return false }
        advance()
        return true
    }

    func text(_ token: Token) -> String {
        String(decoding: lexer.bytes[token.start..<token.end], as: UTF8.self)
    }

    func isWord(_ word: StaticString) -> Bool {
        guard token.kind == .identifier, token.end - token.start == word.utf8CodeUnitCount else { return false }
        return word.withUTF8Buffer { lexer.bytes[token.start..<token.end].elementsEqual($0) }
    }

    // MARK: - Places and problems

    func range(_ start: Int, _ end: Int) -> SourceRange { positions.range(start, end) }

    func describe(_ token: Token) -> String {
        switch token.kind {
        case .end: return "The end of the text"
        case .newline: return "The end of the line"
        default:
            let text = String(decoding: lexer.bytes[token.start..<min(token.end, token.start + 40)], as: UTF8.self)
            return "\"\(text)\""
        }
    }

    func error(_ summary: String, _ detail: String) -> Diagnostics {
        error(summary, detail, token.start, max(token.end, token.start))
    }

    func error(_ summary: String, _ detail: String, _ start: Int, _ end: Int) -> Diagnostics {
        Diagnostics(.error(summary, detail, at: range(start, end)))
    }

    /// Makes an expression of `height` levels, from `start` to the last token taken.
    mutating func finish(_ kind: Expression.Kind, from start: Int, height: Int) throws(Diagnostics) -> Expression {
        guard height <= Bounds.depth else {
            throw error("Nested too deeply", Bounds.tooDeep, start, max(start, lastEnd))
        }
        self.height = height
        return Expression(kind, at: range(start, max(start, lastEnd)))
    }

    /// Reads a part that stands inside another.
    mutating func nested<Result>(
        _ body: (inout Parser) throws(Diagnostics) -> Result
    ) throws(Diagnostics) -> Result {
        nesting += 1
        guard nesting <= Bounds.depth, !stack.isExhausted else { throw error("Nested too deeply", Bounds.tooDeep) }
        let result = try body(&self)
        nesting -= 1
        return result
    }

    /// Reads what stands between a pair of signs; line breaks mean nothing (or, in an object, something) in there.
    mutating func enclosed<Result>(
        keepingNewlines: Bool = false, _ body: (inout Parser) throws(Diagnostics) -> Result
    ) throws(Diagnostics) -> Result {
        let outer = lexer.keepsNewlines
        lexer.keepsNewlines = keepingNewlines
        advance()
        openBrackets += 1
        let result = try nested(body)
        openBrackets -= 1
        lexer.keepsNewlines = outer
        return result
    }
}
