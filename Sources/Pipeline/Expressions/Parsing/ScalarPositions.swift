import PlumbModel

/// Leads from an offset in a scalar's unescaped text back to the byte in the file it was written with.
///
/// Exact for single-line plain scalars, quoted scalars with their escapes, and literal blocks; in folded text it is
/// right for every word and gives the line's end for the space that a line break has become.
struct ScalarPositions {
    /// From `text` on, offsets run side by side with the file's, beginning at `file`.
    private struct Segment {
        let text: Int32
        let file: Int32
    }

    let file: SourceFile
    private let base: Int
    private var segments: [Segment] = []
    private var segmentsCountLines = false
    /// Set where the file holds another text than the one that offsets are of.
    private var whole: SourceRange?

    /// The text stands in the file byte by byte, from `base` on.
    init(file: SourceFile, base: Int) {
        self.file = file
        self.base = base
    }

    /// - Parameter scalar: one that stands at `range`.
    init(text: [UInt8], scalar: Scalar, range: SourceRange) {
        guard !scalar.isDecrypted else {
            self.init(file: range.file, base: range.start)
            whole = range
            return
        }
        self.init(text: text, style: scalar.style, range: range)
    }

    private init(text: [UInt8], style: Scalar.Style, range: SourceRange) {
        file = range.file
        let start = ScalarPositions.skipProperties(range.start, range.file.bytes, end: range.end)
        let isQuoted = style == .singleQuoted || style == .doubleQuoted
        base = isQuoted ? start + 1 : start
        let verbatim = file.bytes.dropFirst(base).prefix(text.count)
        if style != .literal, style != .folded, verbatim.elementsEqual(text) { return }
        segmentsCountLines = style == .literal || style == .folded
        let aligner = Aligner(text: text, bytes: file.bytes, start: base, end: min(range.end, file.bytes.count))
        switch style {
        case .literal: align(aligner.literalBlock())
        case .folded: align(aligner.folded(from: aligner.endOfHeader(), style))
        default: align(aligner.folded(from: base, style))
        }
    }

    private mutating func align(_ pairs: [(text: Int, file: Int)]) {
        segments = pairs.map {
            Segment(text: Int32(truncatingIfNeeded: $0.text), file: Int32(truncatingIfNeeded: $0.file))
        }
    }

    /// Anchors and tags stand before a scalar and belong to its range.
    private static func skipProperties(_ start: Int, _ bytes: [UInt8], end: Int) -> Int {
        var offset = start
        let end = min(end, bytes.count)
        while offset < end, bytes[offset] == UInt8(ascii: "&") || bytes[offset] == UInt8(ascii: "!") {
            while offset < end, !isSpace(bytes[offset]) { offset += 1 }
            while offset < end, isSpace(bytes[offset]) { offset += 1 }
        }
        return offset
    }

    /// The place of the text from `start` up to `end`.
    func range(_ start: Int, _ end: Int) -> SourceRange {
        if let whole { return whole }
        if segments.isEmpty { return SourceRange(file: file, start: base + start, end: base + end) }
        let first = fileOffset(start)
        guard end > start else { return SourceRange(file: file, start: first, end: first) }
        let last = segments[segmentIndex(end - 1)]
        let next = segments[segmentIndex(end)]
        var fileEnd = Int(last.file) + (end - 1 - Int(last.text)) + 1
        // An escape at the end is longer in the file than in the text; a line break there is not part of the range.
        let gap = Int(next.file) - fileEnd
        if Int(next.text) == end, gap > 0, gap <= 10, !file.bytes[fileEnd..<Int(next.file)].contains(0x0A) {
            fileEnd = Int(next.file)
        }
        return SourceRange(file: file, start: first, end: max(first, fileEnd))
    }

    private func fileOffset(_ offset: Int) -> Int {
        let segment = segments[segmentIndex(offset)]
        return Int(segment.file) + offset - Int(segment.text)
    }

    /// The last segment that begins at or before the offset.
    private func segmentIndex(_ offset: Int) -> Int {
        var low = 0
        var high = segments.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if Int(segments[middle].text) <= offset { low = middle } else { high = middle }
        }
        return low
    }

    static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }
}

/// Walks a scalar's text and the file side by side and notes where the distance between them changes.
private struct Aligner {
    let text: [UInt8]
    let bytes: [UInt8]
    let start: Int
    let end: Int

    /// The first byte after the line with `|` or `>`.
    func endOfHeader() -> Int {
        (bytes[start..<max(start, end)].firstIndex(of: 0x0A) ?? end - 1) + 1
    }

    func literalBlock() -> [(text: Int, file: Int)] {
        var pairs: [(text: Int, file: Int)] = []
        var line = endOfHeader()
        let indentation = indentation(from: line)
        var offset = 0
        while offset < text.count, line < bytes.count {
            var content = line
            while content < bytes.count, content - line < indentation, bytes[content] == 0x20 { content += 1 }
            pairs.append((offset, content))
            let lineEnd = bytes[content...].firstIndex(of: 0x0A) ?? bytes.count
            let textEnd = text[offset...].firstIndex(of: 0x0A) ?? text.count
            offset = textEnd + 1
            line = lineEnd + 1
        }
        return pairs.isEmpty ? [(0, start)] : pairs
    }

    /// As many spaces as the first line with content in it has, less what its text keeps of them.
    private func indentation(from first: Int) -> Int {
        var line = first
        var offset = 0
        while line < bytes.count, offset < text.count {
            var content = line
            while content < bytes.count, bytes[content] == 0x20 { content += 1 }
            if content < bytes.count, bytes[content] != 0x0A, bytes[content] != 0x0D {
                let kept = text[offset...].prefix { $0 == 0x20 }.count
                return max(0, content - line - kept)
            }
            line = (bytes[content...].firstIndex(of: 0x0A) ?? bytes.count) + 1
            offset = (text[offset...].firstIndex(of: 0x0A) ?? text.count) + 1
        }
        return 0
    }

    func folded(from begin: Int, _ style: Scalar.Style) -> [(text: Int, file: Int)] {
        var pairs: [(text: Int, file: Int)] = []
        var distance: Int?
        var offset = 0
        var place = begin
        while offset < text.count, place < end {
            let escape = style == .doubleQuoted && bytes[place] == UInt8(ascii: "\\") ? escape(at: place) : nil
            if let escape, escape.width == 0 {
                place += escape.length
                continue
            }
            let isSame = escape != nil || bytes[place] == text[offset]
            let isFold = ScalarPositions.isSpace(text[offset]) && ScalarPositions.isSpace(bytes[place])
            guard isSame || isFold else {
                place += 1
                continue
            }
            if distance != place - offset {
                pairs.append((offset, place))
                distance = place - offset
            }
            if style == .singleQuoted, bytes[place] == UInt8(ascii: "'") { place += 1 }
            place += escape?.length ?? 1
            offset += escape?.width ?? 1
        }
        if offset < text.count || distance != place - offset { pairs.append((offset, min(place, end))) }
        return pairs.isEmpty ? [(0, begin)] : pairs
    }

    /// How long an escape of a double-quoted scalar is in the file, and how many bytes of text it stands for.
    private func escape(at place: Int) -> (length: Int, width: Int) {
        guard place + 1 < end else { return (1, 1) }
        let digits: Int
        switch bytes[place + 1] {
        case UInt8(ascii: "x"): digits = 2
        case UInt8(ascii: "u"): digits = 4
        case UInt8(ascii: "U"): digits = 8
        case UInt8(ascii: "N"), UInt8(ascii: "_"): return (2, 2)
        case UInt8(ascii: "L"), UInt8(ascii: "P"): return (2, 3)
        case 0x0A, 0x0D:
            var after = place + 1
            while after < end, ScalarPositions.isSpace(bytes[after]) { after += 1 }
            return (after - place, 0)
        default: return (2, 1)
        }
        let hex = String(decoding: bytes[min(place + 2, end)..<min(place + 2 + digits, end)], as: UTF8.self)
        let scalar = UInt32(hex, radix: 16).flatMap(Unicode.Scalar.init) ?? "\u{FFFD}"
        return (2 + digits, UTF8.width(scalar))
    }
}
