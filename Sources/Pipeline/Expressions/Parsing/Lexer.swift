/// One word or sign of an expression, as a range of bytes of its text.
struct Token {
    enum Kind: UInt8 {
        case identifier, number, quote, heredoc, newline, end, invalid
        case leftParenthesis, rightParenthesis, leftBracket, rightBracket, leftBrace, rightBrace
        case comma, dot, ellipsis, colon, doubleColon, question, assign, arrow, tilde
        case plus, minus, star, slash, percent, not, and, or
        case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual
    }

    let kind: Kind
    let start: Int
    let end: Int
}

/// Cuts the bytes of an expression into tokens, one at a time, so that templates can be read in between.
struct Lexer {
    let bytes: [UInt8]
    /// Where the next token is looked for.
    var offset = 0
    /// Line breaks are tokens between the items of an object and space everywhere else.
    var keepsNewlines = false

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    private func byte(_ index: Int) -> UInt8 { index < bytes.count ? bytes[index] : 0 }

    mutating func next() -> Token {
        if let newline = skipSpace() { return newline }
        let start = offset
        guard start < bytes.count else { return Token(kind: .end, start: start, end: start) }
        let first = bytes[start]
        if Lexer.startsIdentifier(first) { return identifier(start) }
        if Lexer.isDigit(first) { return number(start) }
        let (kind, length) = sign(first, byte(start + 1), byte(start + 2))
        offset = start + length
        return Token(kind: kind, start: start, end: offset)
    }

    private func sign(_ first: UInt8, _ second: UInt8, _ third: UInt8) -> (Token.Kind, Int) {
        switch (first, second) {
        case (UInt8(ascii: "&"), UInt8(ascii: "&")): return (.and, 2)
        case (UInt8(ascii: "|"), UInt8(ascii: "|")): return (.or, 2)
        case (UInt8(ascii: "="), UInt8(ascii: "=")): return (.equal, 2)
        case (UInt8(ascii: "="), UInt8(ascii: ">")): return (.arrow, 2)
        case (UInt8(ascii: "!"), UInt8(ascii: "=")): return (.notEqual, 2)
        case (UInt8(ascii: "<"), UInt8(ascii: "=")): return (.lessOrEqual, 2)
        case (UInt8(ascii: "<"), UInt8(ascii: "<")): return (.heredoc, 2)
        case (UInt8(ascii: ">"), UInt8(ascii: "=")): return (.greaterOrEqual, 2)
        case (UInt8(ascii: ":"), UInt8(ascii: ":")): return (.doubleColon, 2)
        case (UInt8(ascii: "."), UInt8(ascii: ".")) where third == UInt8(ascii: "."): return (.ellipsis, 3)
        default: return (Lexer.single(first), 1)
        }
    }

    private static func single(_ byte: UInt8) -> Token.Kind {
        switch byte {
        case UInt8(ascii: "\""): .quote
        case UInt8(ascii: "("): .leftParenthesis
        case UInt8(ascii: ")"): .rightParenthesis
        case UInt8(ascii: "["): .leftBracket
        case UInt8(ascii: "]"): .rightBracket
        case UInt8(ascii: "{"): .leftBrace
        case UInt8(ascii: "}"): .rightBrace
        case UInt8(ascii: ","): .comma
        case UInt8(ascii: "."): .dot
        case UInt8(ascii: ":"): .colon
        case UInt8(ascii: "?"): .question
        case UInt8(ascii: "="): .assign
        case UInt8(ascii: "~"): .tilde
        case UInt8(ascii: "+"): .plus
        case UInt8(ascii: "-"): .minus
        case UInt8(ascii: "*"): .star
        case UInt8(ascii: "/"): .slash
        case UInt8(ascii: "%"): .percent
        case UInt8(ascii: "!"): .not
        case UInt8(ascii: "<"): .less
        case UInt8(ascii: ">"): .greater
        default: .invalid
        }
    }

    /// Skips blanks and comments; gives a newline where those count.
    private mutating func skipSpace() -> Token? {
        while offset < bytes.count {
            switch bytes[offset] {
            case 0x20, 0x09, 0x0D: offset += 1
            case 0x0A:
                offset += 1
                if keepsNewlines { return Token(kind: .newline, start: offset - 1, end: offset) }
            case UInt8(ascii: "#"): skipLine()
            case UInt8(ascii: "/") where byte(offset + 1) == UInt8(ascii: "/"): skipLine()
            case UInt8(ascii: "/") where byte(offset + 1) == UInt8(ascii: "*"):
                let start = offset
                offset += 2
                while offset < bytes.count, bytes[offset] != UInt8(ascii: "*") || byte(offset + 1) != UInt8(ascii: "/")
                {
                    offset += 1
                }
                guard offset < bytes.count else { return Token(kind: .invalid, start: start, end: offset) }
                offset += 2
            default: return nil
            }
        }
        return nil
    }

    private mutating func skipLine() {
        while offset < bytes.count, bytes[offset] != 0x0A { offset += 1 }
    }

    private mutating func identifier(_ start: Int) -> Token {
        while offset < bytes.count, Lexer.continuesIdentifier(bytes[offset]) { offset += 1 }
        return Token(kind: .identifier, start: start, end: offset)
    }

    private mutating func number(_ start: Int) -> Token {
        skipDigits()
        if byte(offset) == UInt8(ascii: "."), Lexer.isDigit(byte(offset + 1)) {
            offset += 1
            skipDigits()
        }
        if byte(offset) | 0x20 == UInt8(ascii: "e") {
            let sign = byte(offset + 1) == UInt8(ascii: "+") || byte(offset + 1) == UInt8(ascii: "-") ? 1 : 0
            if Lexer.isDigit(byte(offset + 1 + sign)) {
                offset += 1 + sign
                skipDigits()
            }
        }
        return Token(kind: .number, start: start, end: offset)
    }

    /// Reads the whole number after a dot, where `0.1` would be two steps and not a fraction.
    mutating func digits(from start: Int) -> Token {
        offset = start
        skipDigits()
        return Token(kind: .number, start: start, end: offset)
    }

    private mutating func skipDigits() {
        while offset < bytes.count, Lexer.isDigit(bytes[offset]) { offset += 1 }
    }

    static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

    static func startsIdentifier(_ byte: UInt8) -> Bool {
        (byte >= 0x61 && byte <= 0x7A) || (byte >= 0x41 && byte <= 0x5A) || byte == 0x5F || byte >= 0x80
    }

    static func continuesIdentifier(_ byte: UInt8) -> Bool {
        startsIdentifier(byte) || isDigit(byte) || byte == UInt8(ascii: "-")
    }

    static func isIdentifier(_ text: String) -> Bool {
        guard let first = text.utf8.first else { return false }
        return startsIdentifier(first) && text.utf8.allSatisfy(continuesIdentifier)
    }
}
