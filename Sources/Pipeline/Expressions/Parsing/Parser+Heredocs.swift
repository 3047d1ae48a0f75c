import PlumbModel

/// Here documents: texts over several lines up to a line that is a word.
extension Parser {
    /// `<<WORD` or `<<-WORD`, the lines up to the one that is `WORD`.
    mutating func heredoc() throws(Diagnostics) -> Expression {
        let open = token
        let bytes = lexer.bytes
        var offset = open.end
        let isIndented = offset < bytes.count && bytes[offset] == UInt8(ascii: "-")
        if isIndented { offset += 1 }
        let wordStart = offset
        while offset < bytes.count, Lexer.continuesIdentifier(bytes[offset]) { offset += 1 }
        let word = bytes[wordStart..<offset]
        if offset < bytes.count, bytes[offset] == 0x0D { offset += 1 }
        guard !word.isEmpty, offset < bytes.count, bytes[offset] == 0x0A else {
            throw error(
                "Invalid here document", "\"<<\" is followed by a word and the end of the line.", open.start, offset)
        }
        let start = offset + 1
        guard let (end, next) = heredocEnd(Array(word), from: start) else {
            throw error(
                "Unclosed here document",
                "No line is \(String(decoding: word, as: UTF8.self)), with which the text that begins here would end.",
                open.start, offset)
        }
        return try nested { (parser) throws(Diagnostics) in
            try parser.heredocBody(open, start, end, isIndented, next)
        }
    }

    private mutating func heredocBody(
        _ open: Token, _ start: Int, _ end: Int, _ isIndented: Bool, _ next: Int
    ) throws(Diagnostics) -> Expression {
        let body = try template(.heredoc(end: end, isIndented: isIndented), from: start, rangeStart: open.start)
        // The closing word is not part of the template, but of what has been read.
        lexer.offset = next
        token = Token(kind: .quote, start: next, end: next)
        advance()
        return Expression(body.kind, at: range(open.start, next))
    }

    /// Where the line with the closing word begins, and where the word ends.
    private func heredocEnd(_ word: [UInt8], from start: Int) -> (end: Int, next: Int)? {
        let bytes = lexer.bytes
        var line = start
        while line <= bytes.count {
            let lineEnd = bytes[line...].firstIndex(of: 0x0A) ?? bytes.count
            var first = line
            while first < lineEnd, ScalarPositions.isSpace(bytes[first]) { first += 1 }
            var last = lineEnd
            while last > first, ScalarPositions.isSpace(bytes[last - 1]) { last -= 1 }
            if bytes[first..<last].elementsEqual(word) { return (line, last) }
            line = lineEnd + 1
        }
        return nil
    }
}
