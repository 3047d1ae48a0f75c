/// The lines of a formatted text while it is written.
struct FormattedLines {
    private struct Line {
        var code: [UInt8] = []
        /// The comment behind the code.
        var comment: [UInt8]?
        /// Goes on with the comment of the line above.
        var isContinuation = false

        var indentation: Int { code.prefix { $0 == 0x20 }.count }
        var width: Int { code.count { $0 & 0xC0 != 0x80 } }
    }

    /// Comments further to the right than this are not aligned.
    private static let widestAlignment = 100

    private var lines: [Line] = []

    var isEmpty: Bool { lines.isEmpty }

    mutating func begin(indent: Int) {
        lines.append(Line(code: [UInt8](repeating: 0x20, count: indent)))
    }

    /// An empty line, but not at the beginning and not behind another.
    mutating func blank() {
        guard let last = lines.last, !last.code.isEmpty || last.comment != nil else { return }
        lines.append(Line())
    }

    /// A line as it is, which may be empty or end in white space.
    mutating func verbatim(_ code: [UInt8]) { lines.append(Line(code: code)) }

    mutating func append(_ code: some Sequence<UInt8>) {
        if lines.isEmpty { lines.append(Line()) }
        lines[lines.count - 1].code.append(contentsOf: code)
    }

    mutating func space() { append([0x20]) }

    /// Puts a comment behind what stands on the last line.
    mutating func comment(_ text: [UInt8]) {
        if lines.isEmpty { lines.append(Line()) }
        lines[lines.count - 1].comment = text
    }

    mutating func continuation(_ text: [UInt8]) { lines.append(Line(comment: text, isContinuation: true)) }

    /// All lines, each with its end; the last without one where `endsLine` is false.
    func text(endsLine: Bool) -> [UInt8] {
        var text: [UInt8] = []
        for range in runs() {
            let column = FormattedLines.commentColumn(lines[range])
            for line in lines[range] {
                text.append(contentsOf: line.code)
                if let comment = line.comment {
                    let spaces = max(column - line.width, line.code.isEmpty ? 0 : 1)
                    text.append(contentsOf: repeatElement(0x20, count: spaces))
                    text.append(contentsOf: comment)
                }
                text.append(0x0A)
            }
        }
        if !endsLine, text.last == 0x0A { text.removeLast() }
        return text
    }

    /// Neighbouring lines of one indentation that all have comments belong together; any other line stands alone.
    private func runs() -> [Range<Int>] {
        var runs: [Range<Int>] = []
        for (index, line) in lines.enumerated() {
            if let last = runs.last, line.comment != nil, lines[index - 1].comment != nil,
                line.isContinuation || line.indentation == lines[last.lowerBound].indentation
            {
                runs[runs.count - 1] = last.lowerBound..<(index + 1)
            } else {
                runs.append(index..<(index + 1))
            }
        }
        return runs
    }

    private static func commentColumn(_ run: ArraySlice<Line>) -> Int {
        let widest = (run.map(\.width).max() ?? 0) + 1
        if widest <= widestAlignment { return widest }
        // A comment that goes on below has to stay below itself.
        return run.contains(where: \.isContinuation) ? widest : 0
    }
}
