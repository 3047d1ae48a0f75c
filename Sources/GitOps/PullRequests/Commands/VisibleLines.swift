/// Goes through the lines of a text in Markdown that their reader sees as the writer's own words: not those in quotes, in
/// code, or in comments of HTML.
struct VisibleLines {
    private var rest: Substring.UTF8View
    private var fence: (mark: UInt8, length: Int)?
    /// What ends the part of HTML that we are in.
    private var end: String?
    private var isQuoted = false
    private var isAfterText = false

    /// Bytes; what is written behind them is not looked at.
    private static let longest = 65_536

    init(_ text: String) {
        rest = text[...].utf8
        guard let end = rest.index(rest.startIndex, offsetBy: Self.longest, limitedBy: rest.endIndex),
            end != rest.endIndex
        else { return }
        // Up to the end of a line.
        let start = rest[..<end]
        rest = start[..<(start.lastIndex { $0 == 0x0A || $0 == 0x0D } ?? start.startIndex)]
    }

    /// Nil at the end.
    mutating func next() -> Substring? {
        while !rest.isEmpty {
            let stop = rest.firstIndex { $0 == 0x0A || $0 == 0x0D } ?? rest.endIndex
            let bytes = rest[..<stop]
            var start = stop == rest.endIndex ? stop : rest.index(after: stop)
            if stop != rest.endIndex, rest[stop] == 0x0D, start != rest.endIndex, rest[start] == 0x0A {
                start = rest.index(after: start)
            }
            rest = rest[start...]
            let line = Substring(bytes)
            if isSeen(line, isLong: bytes.count > PullRequestCommand.longestLine) { return line }
        }
        return nil
    }

    private mutating func isSeen(_ line: Substring, isLong: Bool) -> Bool {
        // Whether something ends or begins in so long a line, nobody looks: then nothing behind it is taken for seen.
        if isLong, line.utf8.contains(UInt8(ascii: "<")) || end != nil {
            rest = rest[rest.endIndex...]
            return false
        }
        if let ending = end {
            let lower = line.lowercased()[...]
            if let found = lower.firstRange(of: ending) {
                end = nil
                openHTML(in: lower[found.upperBound...])
            }
            return false
        }
        let indent = line.prefix { $0 == " " || $0 == "\t" }
        let content = line[indent.endIndex...]
        if fence != nil { return leave(content, indent) }
        guard !content.isEmpty else {
            (isQuoted, isAfterText) = (false, false)
            return false
        }
        // Far to the right it is code, unless it goes on with a paragraph.
        let isFar = indent.count >= 4 || indent.contains("\t")
        if isFar, !isAfterText { return false }
        if !isFar, let opened = Self.fence(Self.item(content)) {
            fence = opened
            isAfterText = false
            return false
        }
        if !isFar, content.hasPrefix(">") { isQuoted = true }
        // What follows a quote without a blank line belongs to it.
        if isQuoted { return false }
        isAfterText = true
        if openHTML(in: content) || isLong { return false }
        return true
    }

    /// - Returns: false.
    private mutating func leave(_ content: Substring, _ indent: Substring) -> Bool {
        guard let fence, indent.count < 4 else { return false }
        let run = content.utf8.prefix { $0 == fence.mark }
        let isEnd =
            run.count >= fence.length && content.utf8.dropFirst(run.count).allSatisfy { $0 == 0x20 || $0 == 0x09 }
        if isEnd { self.fence = nil }
        return false
    }

    /// What stands behind the marks of lists with which a line begins: code may open there.
    private static func item(_ content: Substring) -> Substring {
        var content = content
        while true {
            var rest = content
            if let mark = rest.utf8.first,
                mark == UInt8(ascii: "-") || mark == UInt8(ascii: "*") || mark == UInt8(ascii: "+")
            {
                rest = rest.dropFirst()
            } else {
                let digits = rest.prefix { ("0"..."9").contains($0) }
                rest = rest.dropFirst(digits.count)
                guard !digits.isEmpty, digits.count < 10, rest.first == "." || rest.first == ")" else { return content }
                rest = rest.dropFirst()
            }
            let spaces = rest.prefix { $0 == " " || $0 == "\t" }
            guard !spaces.isEmpty else { return content }
            content = rest.dropFirst(spaces.count)
        }
    }

    private static func fence(_ content: Substring) -> (mark: UInt8, length: Int)? {
        guard let mark = content.utf8.first, mark == UInt8(ascii: "`") || mark == UInt8(ascii: "~") else { return nil }
        let length = content.utf8.prefix { $0 == mark }.count
        guard length >= 3 else { return nil }
        // Three backticks and another one on the same line are a span.
        if mark == UInt8(ascii: "`"), content.utf8.dropFirst(length).contains(mark) { return nil }
        return (mark, length)
    }

    private static let pairs = [
        ("<!--", "-->"), ("<blockquote", "</blockquote>"), ("<pre", "</pre>"), ("<script", "</script>"),
        ("<style", "</style>"),
    ]

    /// Looks for what hides lines, or sets them as code.
    ///
    /// - Returns: whether there is some on this line, so that it is no plain text.
    @discardableResult
    private mutating func openHTML(in text: Substring) -> Bool {
        guard text.utf8.contains(UInt8(ascii: "<")) else { return false }
        var rest = text.lowercased()[...]
        var isFound = false
        while let first = Self.pairs.compactMap({ pair in rest.firstRange(of: pair.0).map { ($0, pair.1) } })
            .min(by: { $0.0.lowerBound < $1.0.lowerBound })
        {
            isFound = true
            rest = rest[first.0.upperBound...]
            guard let close = rest.firstRange(of: first.1) else {
                end = first.1
                return true
            }
            rest = rest[close.upperBound...]
        }
        return isFound
    }
}
