extension SpecificationNode {
    /// The place of a part of a scalar's text, given in UTF-8 offsets of the text after unescaping and unfolding; the
    /// whole node's place where the node is no scalar.
    public func range(ofText part: Range<Int>) -> SourceRange {
        guard let scalar, !scalar.isDecrypted else { return range }
        var reader = WrittenScalar(scalar, at: range)
        guard let start = reader.offset(ofText: part.lowerBound) else { return range }
        let end = part.isEmpty ? start : (reader.offset(ofText: part.upperBound - 1) ?? start) + 1
        return SourceRange(file: range.file, start: start, end: min(max(start, end), range.end))
    }
}

/// Walks a scalar's text and the bytes it was written with side by side.
///
/// White space is what folding changes, so that it is passed over on the written side wherever the two differ; any
/// other character stands there as itself, doubled (a quote in single quotes) or as an escape.
private struct WrittenScalar {
    private let text: [UInt8]
    private let style: Scalar.Style
    private let file: SourceFile
    private let end: Int
    private let isVerbatim: Bool
    private let start: Int
    private var textOffset = 0
    private var offset: Int

    init(_ scalar: Scalar, at range: SourceRange) {
        text = Array(scalar.text.utf8)
        style = scalar.style
        file = range.file
        let isQuoted = style == .singleQuoted || style == .doubleQuoted
        end = isQuoted ? range.end - 1 : range.end
        var first = isQuoted ? range.start + 1 : range.start
        if style == .literal || style == .folded {
            while first < end, file.bytes[first] != 0x0A { first += 1 }
        }
        start = first
        offset = first
        isVerbatim = end - first == text.count
    }

    /// Offsets must be asked for in rising order.
    mutating func offset(ofText wanted: Int) -> Int? {
        guard wanted >= 0, wanted <= text.count else { return nil }
        if isVerbatim { return start + wanted }
        while textOffset < wanted {
            guard let length = passOver() else { return nil }
            guard textOffset + length <= wanted else { return offset }
            consume(length)
        }
        guard wanted < text.count else { return min(offset, end) }
        // Stands on the very character, not on the white space before it.
        return passOver() == nil ? nil : offset
    }

    private mutating func consume(_ length: Int) {
        let byte = text[textOffset]
        textOffset += length
        guard offset < end else { return }
        switch file.bytes[offset] {
        case UInt8(ascii: "\\") where style == .doubleQuoted: offset += escapeLength
        case UInt8(ascii: "'") where style == .singleQuoted: offset += 2
        // A fold's white space has no place of its own.
        case let written where isSpace(byte) && written != byte: break
        default: offset += length
        }
    }

    /// Goes to where the next character of the text is written; its length in the text, nil where it cannot be found.
    private mutating func passOver() -> Int? {
        guard textOffset < text.count else { return nil }
        let byte = text[textOffset]
        let length = byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4
        while offset < end {
            let written = file.bytes[offset]
            if written == UInt8(ascii: "\\"), style == .doubleQuoted {
                let follower = offset + 1 < end ? file.bytes[offset + 1] : 0
                guard follower == 0x0A || follower == 0x0D else { return length }
                offset += follower == 0x0D ? 3 : 2
                while offset < end, file.bytes[offset] == 0x20 || file.bytes[offset] == 0x09 { offset += 1 }
                continue
            }
            if written == byte || isSpace(byte) { return length }
            guard isSpace(written) else { return nil }
            offset += 1
        }
        return isSpace(byte) ? length : nil
    }

    private var escapeLength: Int {
        guard offset + 1 < end else { return 1 }
        switch file.bytes[offset + 1] {
        case UInt8(ascii: "x"): return 4
        case UInt8(ascii: "u"): return 6
        case UInt8(ascii: "U"): return 10
        default: return 2
        }
    }

    private func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D }
}
