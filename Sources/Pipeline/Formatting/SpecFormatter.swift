internal import Expressions
public import PlumbModel

/// Writes YAML in the one layout: two spaces a level, lists indented below their keys, one space where one is needed,
/// at most one empty line in a row. What the text says stays as it is: order, quotes, anchors, comments, documents.
public enum SpecFormatter {
    /// The formatted text of a file that the loader has accepted.
    ///
    /// - Parameter hasExpressions: for each document, whether `${…}` in it is the language's own, so that the spaces
    ///   inside may be put right.
    /// - Throws: why a file cannot be formatted though it can be read.
    public static func format(_ file: SourceFile, hasExpressions: [Bool]) throws(Diagnostics) -> [UInt8] {
        var bytes = file.bytes
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
        let text = withUnixLineEnds(bytes)
        if let offset = rareCharacter(in: text) {
            throw Diagnostics(
                .error(
                    "File cannot be formatted",
                    "\"\(file.path)\" holds a line end other than \\n and \\r\\n, or a byte order mark inside, which programs take "
                        + "for different things. Write it as an escape in double quotes (\\u2028), or remove it.",
                    at: file.bytes.count == text.count
                        ? SourceRange(file: file, start: offset, end: offset + 1)
                        : SourceRange(file: file, start: 0, end: 0)))
        }
        guard let tokens = YAMLTokenizer.tokens(of: text) else {
            throw Diagnostics(
                .error(
                    "File cannot be formatted",
                    "\"\(file.path)\" cannot be taken apart, though it can be read. This is a defect of Plumbline; the file "
                        + "was left as it is."))
        }
        var layout = TokenLayout(text: text, hasExpressions: hasExpressions)
        for token in tokens { layout.take(token) }
        return layout.result()
    }

    private static func withUnixLineEnds(_ bytes: [UInt8]) -> [UInt8] {
        guard bytes.contains(0x0D) else { return bytes }
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count)
        for (index, byte) in bytes.enumerated() {
            if byte == 0x0D, index + 1 < bytes.count, bytes[index + 1] == 0x0A { continue }
            text.append(byte)
        }
        return text
    }

    /// A lone carriage return, one of the line ends of Unicode that only YAML 1.1 knows, or a byte order mark where a
    /// line begins.
    private static func rareCharacter(in text: [UInt8]) -> Int? {
        text.indices.first { index in
            switch text[index] {
            case 0x0D: true
            case 0xC2: index + 1 < text.count && text[index + 1] == 0x85
            case 0xE2:
                index + 2 < text.count && text[index + 1] == 0x80
                    && (text[index + 2] == 0xA8 || text[index + 2] == 0xA9)
            case 0xEF:
                index + 2 < text.count && text[index + 1] == 0xBB && text[index + 2] == 0xBF
                    && [nil, 0x20, 0x09, 0x0A].contains(index > 0 ? text[index - 1] : nil)
            default: false
            }
        }
    }
}
