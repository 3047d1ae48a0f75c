/// Reads type constraints: `string`, `list(number)`, `object({a = string, b = optional(number, 1)})`.
struct TypeParser {
    private var rest: Substring

    init(_ text: String) { rest = text[...] }

    mutating func parse() -> ValueType? {
        guard let type = type(depth: 0) else { return nil }
        skipSpace()
        return rest.isEmpty ? type : nil
    }

    private mutating func type(depth: Int) -> ValueType? {
        guard depth < 64 else { return nil }
        switch word() {
        case "any": return .any
        case "bool": return .bool
        case "number": return .number
        case "string": return .string
        case "list": return parenthesised(depth).map(ValueType.list)
        case "set": return parenthesised(depth).map(ValueType.set)
        case "map": return parenthesised(depth).map(ValueType.map)
        case "tuple":
            guard take("("), take("["), let elements = elements(depth), take("]"), take(")") else { return nil }
            return .tuple(elements)
        case "object":
            guard take("("), take("{"), let attributes = attributes(depth), take("}"), take(")") else { return nil }
            return .object(attributes)
        default: return nil
        }
    }

    private mutating func parenthesised(_ depth: Int) -> ValueType? {
        guard take("(") else { return .any }
        guard let type = type(depth: depth + 1), take(")") else { return nil }
        return type
    }

    private mutating func elements(_ depth: Int) -> [ValueType]? {
        var elements: [ValueType] = []
        while !peek("]") {
            guard let type = type(depth: depth + 1) else { return nil }
            elements.append(type)
            if !take(",") { break }
        }
        return elements
    }

    private mutating func attributes(_ depth: Int) -> [ValueType.ObjectAttribute]? {
        var attributes: [ValueType.ObjectAttribute] = []
        while !peek("}") {
            skipSpace()
            guard let name = take("\"") ? quoted() : word(), take("=") || take(":") else { return nil }
            guard let attribute = attribute(named: name, depth) else { return nil }
            attributes.append(attribute)
            let isLineEnd = rest.prefix { $0.isWhitespace }.contains { $0.isNewline }
            guard take(",") || isLineEnd || peek("}") else { return nil }
        }
        let names = Set(attributes.map(\.name))
        return names.count == attributes.count ? attributes.sorted { $0.name < $1.name } : nil
    }

    private mutating func attribute(named name: String, _ depth: Int) -> ValueType.ObjectAttribute? {
        let mark = rest
        guard word() == "optional", take("(") else {
            rest = mark
            return type(depth: depth + 1).map { ValueType.ObjectAttribute(name, $0) }
        }
        guard let type = type(depth: depth + 1) else { return nil }
        var fallback: Value?
        if take(",") {
            var literal = LiteralParser(rest)
            guard let value = literal.parse() else { return nil }
            fallback = value
            rest = literal.rest
        }
        return take(")") ? ValueType.ObjectAttribute(name, type, isOptional: true, defaultValue: fallback) : nil
    }

    /// The rest of a name behind its first quote, with JSON's escapes.
    private mutating func quoted() -> String? {
        var isEscaped = false
        let end = rest.firstIndex { character in
            if isEscaped {
                isEscaped = false
                return false
            }
            isEscaped = character == "\\"
            return character == "\""
        }
        guard let end else { return nil }
        defer { rest = rest[rest.index(after: end)...] }
        return (try? Value(json: "\"\(rest[..<end])\""))?.asString
    }

    /// Whether a name can stand without quotes.
    static func isWord(_ name: String) -> Bool { !name.isEmpty && name.allSatisfy(isPartOfWord) }

    private static func isPartOfWord(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || character == "_" || character == "-"
    }

    private mutating func word() -> String? {
        skipSpace()
        let word = rest.prefix(while: TypeParser.isPartOfWord)
        rest = rest.dropFirst(word.count)
        return word.isEmpty ? nil : String(word)
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

    private mutating func skipSpace() {
        rest = rest.drop { $0.isWhitespace }
    }
}

extension ValueType {
    /// Reads a constraint; nil where the text is none.
    public init?(parsing text: String) {
        var parser = TypeParser(text)
        guard let type = parser.parse() else { return nil }
        self = type
    }
}
