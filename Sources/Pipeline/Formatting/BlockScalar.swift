/// A literal or folded block scalar: its header, its lines without their indentation, and where it ends.
struct BlockScalar {
    /// The sign with its indicators: `|`, `>-`, `|2+`.
    let header: [UInt8]
    let comment: [UInt8]?
    /// The indentation that the header asks for, relative to what stands around it.
    let explicitIndent: Int?
    private(set) var lines: [ArraySlice<UInt8>] = []
    /// Behind the last line that belongs to it, its line end included.
    private(set) var end: Int
    /// Ends with the text, without a line end.
    private(set) var isUnended = false

    private var keepsTrailingLines: Bool { header.contains(UInt8(ascii: "+")) }
    /// The value has no line end after its last line, whatever the file has.
    var stripsLineEnd: Bool { header.contains(UInt8(ascii: "-")) }

    /// - Parameters:
    ///   - start: of the `|` or `>`.
    ///   - parent: the column of the block collection around it; -1 where there is none.
    init(_ text: [UInt8], start: Int, parent: Int) {
        var offset = start + 1
        while offset < text.count, "+-0123456789".utf8.contains(text[offset]) { offset += 1 }
        header = Array(text[start..<offset])
        let digit = header.first { $0 >= 0x31 && $0 <= 0x39 }
        explicitIndent = digit.map { Int($0 - 0x30) }
        var lineEnd = offset
        while lineEnd < text.count, text[lineEnd] != 0x0A { lineEnd += 1 }
        comment = text[offset..<lineEnd].firstIndex(of: UInt8(ascii: "#")).map { TokenGap.tidied(text[$0..<lineEnd]) }
        end = min(lineEnd + 1, text.count)
        isUnended = lineEnd == text.count
        let indent =
            explicitIndent.map { max(parent, 0) + $0 } ?? BlockScalar.detectedIndent(text, from: end, parent: parent)
        readLines(text, indent: indent)
    }

    /// The indentation of the first line that is not empty, or that of a longer line of spaces before it.
    private static func detectedIndent(_ text: [UInt8], from start: Int, parent: Int) -> Int {
        var offset = start
        var widest = 0
        while offset < text.count {
            let first = offset
            while offset < text.count, text[offset] == 0x20 { offset += 1 }
            widest = max(widest, offset - first)
            guard offset < text.count, text[offset] == 0x0A else { break }
            offset += 1
        }
        return max(widest, parent + 1, 1)
    }

    private mutating func readLines(_ text: [UInt8], indent: Int) {
        var offset = end
        var blanks = 0
        while offset < text.count {
            let first = offset
            while offset < text.count, text[offset] == 0x20, offset - first < indent { offset += 1 }
            if offset == text.count { break }
            if text[offset] == 0x0A {
                blanks += 1
                offset += 1
                if keepsTrailingLines { end = offset }
                continue
            }
            guard offset - first == indent else { break }
            let content = offset
            while offset < text.count, text[offset] != 0x0A { offset += 1 }
            lines.append(contentsOf: repeatElement([], count: blanks))
            blanks = 0
            lines.append(text[content..<offset])
            isUnended = offset == text.count
            offset = min(offset + 1, text.count)
            end = offset
        }
        if keepsTrailingLines { lines.append(contentsOf: repeatElement([], count: blanks)) }
    }
}
