import PlumbModel

/// Takes the indentation from the lines of a `<<-` here document that all of them have.
///
/// What counts is what is written, not what is put in: a line begins where the text before it ends with a line break
/// that no `~` has taken away. Blank lines neither count nor change.
struct HeredocFlusher {
    private var least = Int.max
    private var isLineStart = true

    static func flush(_ parts: [Expression.TemplatePart]) -> [Expression.TemplatePart] {
        var flusher = HeredocFlusher()
        flusher.measure(parts)
        flusher.isLineStart = true
        return flusher.strip(parts)
    }

    private mutating func measure(_ parts: [Expression.TemplatePart]) {
        for part in parts {
            switch part {
            case .text(let text):
                for line in HeredocFlusher.lines(text) {
                    if isLineStart, !HeredocFlusher.isBlank(line) {
                        least = min(least, line.prefix { $0.isWhitespace }.count)
                    }
                    isLineStart = line.utf8.last == 0x0A
                }
            case .interpolation: sign()
            case .conditional(_, let then, let otherwise):
                sign()
                measure(then)
                if !otherwise.isEmpty {
                    sign()
                    measure(otherwise)
                }
                sign()
            case .loop(_, let body):
                sign()
                measure(body)
                sign()
            }
        }
    }

    /// A `${` or `%{` stands here; at the beginning of a line it leaves no indentation to take.
    private mutating func sign() {
        if isLineStart { least = 0 }
        isLineStart = false
    }

    private mutating func strip(_ parts: [Expression.TemplatePart]) -> [Expression.TemplatePart] {
        var result: [Expression.TemplatePart] = []
        for part in parts {
            switch part {
            case .text(let text):
                let stripped = strip(text)
                if !stripped.isEmpty { result.append(.text(stripped)) }
            case .interpolation:
                isLineStart = false
                result.append(part)
            case .conditional(let condition, let then, let otherwise):
                isLineStart = false
                let first = strip(then)
                isLineStart = false
                result.append(.conditional(condition, then: first, else: strip(otherwise)))
                isLineStart = false
            case .loop(let loop, let body):
                isLineStart = false
                result.append(.loop(loop, body: strip(body)))
                isLineStart = false
            }
        }
        return result
    }

    private mutating func strip(_ text: String) -> String {
        var result = ""
        for line in HeredocFlusher.lines(text) {
            result += isLineStart && !HeredocFlusher.isBlank(line) ? line.dropFirst(min(least, line.count)) : line
            isLineStart = line.utf8.last == 0x0A
        }
        return result
    }

    /// The lines with their ends; the last may have none.
    private static func lines(_ text: String) -> [Substring] {
        var lines: [Substring] = []
        var rest = text[...]
        while let end = rest.utf8.firstIndex(of: 0x0A) {
            let next = rest.utf8.index(after: end)
            lines.append(rest[..<next])
            rest = rest[next...]
        }
        if !rest.isEmpty { lines.append(rest) }
        return lines
    }

    private static func isBlank(_ line: Substring) -> Bool {
        line.utf8.last == 0x0A && line.allSatisfy(\.isWhitespace)
    }
}
