/// Writes the tokens of one expression with the right spaces between them.
struct SpacedTokens {
    /// A bracket, brace or parenthesis that is open; the expression itself is the first.
    private struct Group {
        let kind: Token.Kind
        var isLoop = false
        /// Each `?` waits for a `:`.
        var questions = 0
    }

    private let bytes: [UInt8]
    private let isDirective: Bool
    private var text: [UInt8] = []
    private var groups: [Group]
    private var last: Token?
    /// The token written last is a word of the syntax, such as `in`, and no name.
    private var lastIsKeyword = false
    /// It is a sign that binds to what follows: a minus that negates, a `!`.
    private var lastIsPrefix = false
    /// It is the star of a splat.
    private var lastIsSplat = false

    init(_ bytes: [UInt8], isDirective: Bool) {
        self.bytes = bytes
        self.isDirective = isDirective
        groups = [Group(kind: .end)]
    }

    func finished() -> [UInt8] {
        isDirective || last?.kind == .tilde ? padded() : text
    }

    /// `%{ if x }`, and `%{~ if x ~}` with the tildes at the braces.
    private func padded() -> [UInt8] {
        guard isDirective else { return text }
        let front: [UInt8] = text.first == UInt8(ascii: "~") ? [] : [0x20]
        let back: [UInt8] = text.last == UInt8(ascii: "~") ? [] : [0x20]
        return front + text + back
    }

    mutating func write(_ token: Token) {
        let isKeyword = self.isKeyword(token)
        let isPrefix = token.kind == .not || (token.kind == .minus && !followsOperand)
        let isSplat =
            token.kind == .star && (last?.kind == .dot || (last?.kind == .leftBracket && !followsOperand))
        if needsSpace(before: token, isKeyword: isKeyword) { text.append(0x20) }
        text.append(contentsOf: bytes[token.start..<token.end])
        note(token, isKeyword: isKeyword)
        last = token
        lastIsKeyword = isKeyword
        lastIsPrefix = isPrefix
        lastIsSplat = isSplat
    }

    private mutating func note(_ token: Token, isKeyword: Bool) {
        switch token.kind {
        case .leftParenthesis, .leftBracket, .leftBrace: groups.append(Group(kind: token.kind))
        case .rightParenthesis, .rightBracket, .rightBrace:
            if groups.count > 1 { groups.removeLast() }
        case .question: groups[groups.count - 1].questions += 1
        case .colon: groups[groups.count - 1].questions = max(0, groups[groups.count - 1].questions - 1)
        case .identifier:
            if isKeyword, isWord(token, "for") { groups[groups.count - 1].isLoop = true }
        default: break
        }
    }

    // MARK: - What a token is

    private func isWord(_ token: Token, _ word: StaticString) -> Bool {
        guard token.end - token.start == word.utf8CodeUnitCount else { return false }
        return word.withUTF8Buffer { bytes[token.start..<token.end].elementsEqual($0) }
    }

    private func isKeyword(_ token: Token) -> Bool {
        guard token.kind == .identifier else { return false }
        guard let last, last.kind != .tilde || groups.count > 1 else { return isDirective }
        if isWord(token, "for") { return last.kind == .leftBracket || last.kind == .leftBrace }
        let isInLoop = groups[groups.count - 1].isLoop
        return isInLoop && followsOperand && (isWord(token, "in") || isWord(token, "if"))
    }

    /// What was written last ends a value.
    private var followsOperand: Bool {
        guard let last else { return false }
        switch last.kind {
        case .identifier: return !lastIsKeyword
        case .number, .quote, .rightParenthesis, .rightBracket, .rightBrace, .ellipsis: return true
        case .star: return lastIsSplat
        default: return false
        }
    }

    // MARK: - Spaces

    private func needsSpace(before token: Token, isKeyword: Bool) -> Bool {
        guard let last, !lastIsPrefix else { return false }
        switch last.kind {
        case .leftParenthesis, .leftBracket, .dot, .doubleColon: return false
        case .leftBrace: return token.kind != .rightBrace
        default: break
        }
        switch token.kind {
        case .comma, .rightParenthesis, .rightBracket, .dot, .ellipsis, .doubleColon: return false
        case .leftParenthesis: return last.kind != .identifier || lastIsKeyword
        case .leftBracket: return !followsOperand
        case .colon: return !isItemColon
        default: return true
        }
    }

    /// The `:` between key and value of an object.
    private var isItemColon: Bool {
        let group = groups[groups.count - 1]
        return group.kind == .leftBrace && !group.isLoop && group.questions == 0
    }
}
