/// What stands between two tokens: white space, line ends and comments.
struct TokenGap {
    enum Item {
        case blank
        /// A comment on a line of its own, with the column of its `#` in characters.
        case comment([UInt8], column: Int)
        /// A line that goes on with the comment behind the token, right below it.
        case continuation([UInt8])
    }

    /// The comment on the line of the token before.
    private(set) var trailing: [UInt8]?
    private(set) var items: [Item] = []
    /// There is a line end in it.
    private(set) var breaksLine = false
    private(set) var hasComment = false

    /// - Parameter range: in bytes; `breaksLine` is also true where it begins at the beginning of a line.
    init(_ text: [UInt8], _ range: Range<Int>) {
        var offset = range.lowerBound
        breaksLine = offset == 0 || text[offset - 1] == 0x0A
        var trailingColumn: Int?
        var lineEnds = breaksLine ? 1 : 0
        while offset < range.upperBound {
            let byte = text[offset]
            if byte == 0x0A {
                breaksLine = true
                lineEnds += 1
                offset += 1
            } else if byte == UInt8(ascii: "#") {
                var end = offset
                while end < range.upperBound, text[end] != 0x0A { end += 1 }
                let comment = TokenGap.tidied(text[offset..<end])
                let column = TokenGap.column(of: offset, in: text)
                hasComment = true
                if !breaksLine {
                    trailing = comment
                    trailingColumn = column
                } else if lineEnds == 1, let aligned = trailingColumn, aligned == column {
                    items.append(.continuation(comment))
                } else {
                    if lineEnds > 1 { items.append(.blank) }
                    items.append(.comment(comment, column: column))
                    trailingColumn = nil
                }
                lineEnds = 0
                offset = end
            } else {
                offset += 1
            }
        }
        if lineEnds > 1 { items.append(.blank) }
    }

    /// Without white space at its end, and with a space between `#` and a word.
    static func tidied(_ comment: ArraySlice<UInt8>) -> [UInt8] {
        var text = Array(comment)
        while let last = text.last, last == 0x20 || last == 0x09 || last == 0x0D { text.removeLast() }
        guard text.count > 1 else { return text }
        let next = text[1] | 0x20
        let isWord = (next >= 0x61 && next <= 0x7A) || (text[1] >= 0x30 && text[1] <= 0x39)
        if isWord { text.insert(0x20, at: 1) }
        return text
    }

    /// In characters, from 0.
    private static func column(of offset: Int, in text: [UInt8]) -> Int {
        var column = 0
        var place = offset
        while place > 0, text[place - 1] != 0x0A {
            place -= 1
            if text[place] & 0xC0 != 0x80 { column += 1 }
        }
        return column
    }
}
