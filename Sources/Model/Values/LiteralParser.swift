/// Reads a value that is written out, without references or functions, as the defaults in type constraints are:
/// `{a = [1, "x"], b = null}`; JSON is understood too.
struct LiteralParser {
    private static let maximumDepth = 64

    /// What stands behind the value.
    private(set) var rest: Substring

    init(_ text: Substring) { rest = text }

    /// Nil where the text begins with no value.
    mutating func parse() -> Value? { value(depth: 0) }

    private mutating func value(depth: Int) -> Value? {
        skipSpace()
        guard depth < Self.maximumDepth, let first = rest.first else { return nil }
        switch first {
        case "\"": return string().map(Value.string)
        case "[": return tuple(depth)
        case "{": return object(depth)
        default: return word()
        }
    }

    private mutating func word() -> Value? {
        let word = rest.prefix { $0.isLetter || $0.isNumber || "+-._".contains($0) }
        rest = rest.dropFirst(word.count)
        switch word {
        case "true": return true
        case "false": return false
        case "null": return .null
        default: return Number(parsing: word).map(Value.number)
        }
    }

    private mutating func tuple(_ depth: Int) -> Value? {
        rest = rest.dropFirst()
        var elements: [Value] = []
        while !take("]") {
            guard let element = value(depth: depth + 1) else { return nil }
            elements.append(element)
            guard take(",") || peek("]") else { return nil }
        }
        return .tuple(elements)
    }

    private mutating func object(_ depth: Int) -> Value? {
        rest = rest.dropFirst()
        var entries: [(String, Value)] = []
        while !take("}") {
            guard let key = key(), take("=") || take(":"), let value = value(depth: depth + 1) else { return nil }
            entries.append((key, value))
            let isLineEnd = rest.prefix { $0.isWhitespace }.contains { $0.isNewline }
            guard take(",") || isLineEnd || peek("}") else { return nil }
        }
        return .object(ValueMap(entries))
    }

    private mutating func key() -> String? {
        skipSpace()
        if rest.first == "\"" { return string() }
        let word = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "-" }
        rest = rest.dropFirst(word.count)
        return word.isEmpty ? nil : String(word)
    }

    /// A string without interpolations; nil where one begins.
    private mutating func string() -> String? {
        var text = String.UnicodeScalarView()
        var scalars = rest.unicodeScalars.dropFirst()
        while let scalar = scalars.popFirst() {
            switch scalar {
            case "\"":
                rest = Substring(scalars)
                return String(text)
            case "\\":
                guard let escaped = LiteralParser.escape(&scalars) else { return nil }
                text.append(escaped)
            case "\n": return nil
            case "$" where scalars.first == "{", "%" where scalars.first == "{": return nil
            case "$" where scalars.starts(with: "${".unicodeScalars),
                "%" where scalars.starts(with: "%{".unicodeScalars):
                text.append(scalar)
                text.append("{")
                scalars = scalars.dropFirst(2)
            default: text.append(scalar)
            }
        }
        return nil
    }

    private static func escape(_ scalars: inout Substring.UnicodeScalarView) -> Unicode.Scalar? {
        switch scalars.popFirst() {
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "\"": return "\""
        case "\\": return "\\"
        case "u": return hexadecimal(4, &scalars)
        case "U": return hexadecimal(8, &scalars)
        default: return nil
        }
    }

    private static func hexadecimal(_ count: Int, _ scalars: inout Substring.UnicodeScalarView) -> Unicode.Scalar? {
        let digits = String(scalars.prefix(count))
        scalars = scalars.dropFirst(count)
        guard digits.count == count, let number = UInt32(digits, radix: 16) else { return nil }
        return Unicode.Scalar(number)
    }

    private mutating func peek(_ character: Character) -> Bool {
        skipSpace()
        return rest.first == character
    }

    private mutating func take(_ character: Character) -> Bool {
        guard peek(character) else { return false }
        rest = rest.dropFirst()
        return true
    }

    private mutating func skipSpace() { rest = rest.drop { $0.isWhitespace } }
}
