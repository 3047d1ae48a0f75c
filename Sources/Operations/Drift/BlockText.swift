internal import Loading
internal import PlumbModel

/// A text as a literal (`|`) or folded (`>`) block of lines, which reads as that text again.
struct BlockText {
    /// The sign and its lines, without the last line end.
    let text: String
    /// Whether its end depends on the empty lines that follow.
    let keepsEnd: Bool

    /// What is known of a block that stands in the file, and is to be changed as little as possible.
    struct Former {
        var isFolded = false
        /// From the beginning of the line.
        var indent: Int?
        /// Behind the sign, in its line.
        var comment = ""
        /// Its lines, without indentation.
        var lines: [String] = []
    }

    /// - Parameter column: of the key or the dash before it.
    /// - Returns: nil where no block reads as the text.
    init?(_ value: String, column: Int, _ lineEnd: String, like former: Former = Former()) {
        let value = ValueWriting.literal(value)
        guard value.contains(where: { $0 != "\n" && $0 != " " && $0 != "\t" }), !value.contains("\r") else {
            return nil
        }
        let chomping = value.hasSuffix("\n\n") ? "+" : value.hasSuffix("\n") ? "" : "-"
        var lines = value.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if value.hasSuffix("\n") { lines.removeLast() }
        let indent = former.indent ?? column + 2
        let isIndented = lines.first { !$0.isEmpty }?.hasPrefix(" ") ?? false
        let digit = isIndented || lines.first == "" ? String(indent - column) : ""
        let styles = former.isFolded ? [">", "|"] : ["|"]
        for sign in styles {
            let body = sign == ">" ? Self.folded(lines, like: former.lines) : lines
            let text =
                ([sign + digit + chomping + former.comment]
                + body.map { $0.isEmpty ? "" : ValueWriting.spaces(indent) + $0 }).joined(separator: lineEnd)
            guard Self.read(text, column: column, lineEnd) == value else { continue }
            self.text = text
            keepsEnd = chomping == "+"
            return
        }
        return nil
    }

    /// Lines that were folded before, and say the same, stay as they were.
    private static func folded(_ lines: [String], like former: [String]) -> [String] {
        let known = Dictionary(
            former.split(whereSeparator: \.isEmpty).map { ($0.joined(separator: " "), Array($0)) },
            uniquingKeysWith: { first, _ in first })
        let last = lines.lastIndex { !$0.isEmpty } ?? 0
        return lines.enumerated().flatMap { index, line -> [String] in
            guard !line.isEmpty else { return [""] }
            return (known[line] ?? [line]) + (index < last ? [""] : [])
        }
    }

    /// What a block reads as behind a key of this column.
    private static func read(_ block: String, column: Int, _ lineEnd: String) -> String? {
        let around = column == 0 ? "" : "p:" + lineEnd + ValueWriting.spaces(column)
        let documents = try? YAMLReader.read(SourceFile(path: "", text: around + "k: " + block + lineEnd))
        let mapping = documents?.first
        return (column == 0 ? mapping : mapping?["p"])?["k"]?.scalar?.text
    }
}
