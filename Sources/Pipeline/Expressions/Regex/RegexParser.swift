/// Why a text is no regular expression.
struct RegexError: Error {
    let message: String
}

/// Reads RE2's syntax, the one that Terraform's functions take: no look-around, no references back.
struct RegexParser {
    private struct Flags {
        var ignoresCase = false
        var isMultiline = false
        var dotMatchesNewline = false
        var isUngreedy = false
    }

    private let pattern: [Unicode.Scalar]
    private var offset = 0
    private var flags = Flags()
    private var depth = 0
    /// The names of the groups, in their order; nil where a group has none.
    private(set) var groups: [String?] = []

    init(_ pattern: String) { self.pattern = Array(pattern.unicodeScalars) }

    mutating func parse() throws(RegexError) -> RegexNode {
        let node = try alternatives()
        guard offset == pattern.count else { throw RegexError(message: "there is a \")\" without its \"(\"") }
        return node
    }

    private var next: Unicode.Scalar? { offset < pattern.count ? pattern[offset] : nil }

    private mutating func take(_ text: String) -> Bool {
        let scalars = Array(text.unicodeScalars)
        guard pattern[offset...].starts(with: scalars) else { return false }
        offset += scalars.count
        return true
    }

    private mutating func alternatives() throws(RegexError) -> RegexNode {
        depth += 1
        guard depth <= 50 else { throw RegexError(message: "its groups nest too deeply") }
        var branches = [try sequence()]
        while take("|") { branches.append(try sequence()) }
        depth -= 1
        return branches.count == 1 ? branches[0] : .alternatives(branches)
    }

    private mutating func sequence() throws(RegexError) -> RegexNode {
        var parts: [RegexNode] = []
        while let scalar = next, scalar != "|", scalar != ")" {
            if take("\\Q") {
                quoted(into: &parts)
            } else if let atom = try atom() {
                parts.append(try repeated(atom))
            }
        }
        return parts.count == 1 ? parts[0] : parts.isEmpty ? .empty : .sequence(parts)
    }

    /// `\Q…\E`: every character is itself.
    private mutating func quoted(into parts: inout [RegexNode]) {
        while offset < pattern.count, !take("\\E") {
            parts.append(literal(pattern[offset]))
            offset += 1
        }
    }

    private func literal(_ scalar: Unicode.Scalar) -> RegexNode {
        character([.range(scalar.value, scalar.value)])
    }

    private func character(_ items: [CharacterClass.Item], isNegated: Bool = false) -> RegexNode {
        var set = CharacterClass(items)
        set.isNegated = isNegated
        set.ignoresCase = flags.ignoresCase
        return .character(set)
    }

    // MARK: - Repetition

    private mutating func repeated(_ atom: RegexNode) throws(RegexError) -> RegexNode {
        guard let (least, most) = try bounds() else { return atom }
        var isGreedy = !flags.isUngreedy
        if take("?") { isGreedy.toggle() }
        if try bounds() != nil { throw RegexError(message: "a repetition follows a repetition") }
        return .repetition(atom, least: least, most: most, isGreedy: isGreedy)
    }

    private mutating func bounds() throws(RegexError) -> (least: Int, most: Int?)? {
        if take("*") { return (0, nil) }
        if take("+") { return (1, nil) }
        if take("?") { return (0, 1) }
        guard next == "{" else { return nil }
        let mark = offset
        offset += 1
        guard let least = number() else {
            offset = mark
            return nil
        }
        var most: Int? = least
        if take(",") { most = number() }
        guard take("}") else {
            offset = mark
            return nil
        }
        guard least <= 1000, most ?? 0 <= 1000, most ?? least >= least else {
            throw RegexError(message: "{\(least),…} repeats more than 1000 times, or less at most than at least")
        }
        return (least, most)
    }

    private mutating func number() -> Int? {
        var result: Int?
        while let scalar = next, ("0"..."9").contains(scalar), result ?? 0 < 100_000 {
            result = (result ?? 0) * 10 + Int(scalar.value - 0x30)
            offset += 1
        }
        return result
    }

    // MARK: - Atoms

    /// Nil where the text only changes flags.
    private mutating func atom() throws(RegexError) -> RegexNode? {
        guard let scalar = next else { return nil }
        offset += 1
        switch scalar {
        case "(": return try group()
        case "[": return try brackets()
        case ".":
            return flags.dotMatchesNewline ? character([.range(0, 0x10FFFF)]) : character([.outside([(0x0A, 0x0A)])])
        case "^": return .assertion(flags.isMultiline ? .lineStart : .textStart)
        case "$": return .assertion(flags.isMultiline ? .lineEnd : .textEnd)
        case "\\": return try escape()
        case "*", "+", "?": throw RegexError(message: "\"\(scalar)\" has nothing before it to repeat")
        default:
            if scalar == "{" {
                offset -= 1
                if try bounds() != nil { throw RegexError(message: "a repetition has nothing before it to repeat") }
                offset += 1
            }
            return literal(scalar)
        }
    }

    private mutating func group() throws(RegexError) -> RegexNode? {
        let outer = flags
        var index: Int?
        if take("?P<") || take("?<") {
            if next == "=" || next == "!" { throw RegexError(message: "looking back, (?<=…), is not supported") }
            groups.append(try name())
            index = groups.count
        } else if take("?") {
            guard try readFlags() else { return nil }
        } else {
            groups.append(nil)
            index = groups.count
        }
        let inner = try alternatives()
        guard take(")") else { throw RegexError(message: "a \"(\" is never closed") }
        flags = outer
        return index.map { .capture(inner, $0) } ?? inner
    }

    private mutating func name() throws(RegexError) -> String {
        var name = ""
        while let scalar = next, CharacterClass.isWord(scalar) {
            name.unicodeScalars.append(scalar)
            offset += 1
        }
        guard take(">"), !name.isEmpty else { throw RegexError(message: "a group's name is written (?P<name>…)") }
        guard !groups.contains(name) else { throw RegexError(message: "two groups are named \(name)") }
        return name
    }

    /// Reads `i`, `ms-U` and the like; true where a group follows, false where they hold for the rest.
    private mutating func readFlags() throws(RegexError) -> Bool {
        var value = true
        while let scalar = next {
            offset += 1
            switch scalar {
            case "i": flags.ignoresCase = value
            case "m": flags.isMultiline = value
            case "s": flags.dotMatchesNewline = value
            case "U": flags.isUngreedy = value
            case "-" where value: value = false
            case ":": return true
            case ")": return false
            case "=", "!": throw RegexError(message: "looking ahead, (?\(scalar)…), is not supported")
            default: throw RegexError(message: "\"(?\(scalar)\" begins no group")
            }
        }
        throw RegexError(message: "a \"(\" is never closed")
    }

    private mutating func escape() throws(RegexError) -> RegexNode {
        switch next {
        case "A": return try assertion(.textStart)
        case "z": return try assertion(.textEnd)
        case "b": return try assertion(.wordBoundary)
        case "B": return try assertion(.noWordBoundary)
        default: return character(try escapedItems())
        }
    }

    private mutating func assertion(_ kind: RegexAssertion) throws(RegexError) -> RegexNode {
        offset += 1
        return .assertion(kind)
    }

    /// What follows a backslash, in brackets and outside.
    private mutating func escapedItems() throws(RegexError) -> [CharacterClass.Item] {
        guard let scalar = next else { throw RegexError(message: "it ends with a backslash") }
        offset += 1
        switch scalar {
        case "d": return CharacterClass.digits.map { .range($0.0, $0.1) }
        case "s": return CharacterClass.spaces.map { .range($0.0, $0.1) }
        case "w": return CharacterClass.words.map { .range($0.0, $0.1) }
        case "D": return [.outside(CharacterClass.digits)]
        case "S": return [.outside(CharacterClass.spaces)]
        case "W": return [.outside(CharacterClass.words)]
        case "p", "P": return [try category(isNegated: scalar == "P")]
        default:
            let value = try escapedValue(scalar)
            return [.range(value, value)]
        }
    }

    private mutating func escapedValue(_ scalar: Unicode.Scalar) throws(RegexError) -> UInt32 {
        switch scalar {
        case "a": return 0x07
        case "f": return 0x0C
        case "t": return 0x09
        case "n": return 0x0A
        case "r": return 0x0D
        case "v": return 0x0B
        case "x": return try hexadecimal()
        case "0"..."7":
            var value = scalar.value - 0x30
            guard scalar == "0" || next.map({ ("0"..."7").contains($0) }) == true else {
                throw RegexError(message: "references back, \\\(scalar), are not supported")
            }
            for _ in 0..<2 {
                guard let digit = next, ("0"..."7").contains(digit) else { break }
                value = value * 8 + digit.value - 0x30
                offset += 1
            }
            return value
        default:
            guard scalar.isASCII, !CharacterClass.isWord(scalar) || scalar == "_" else {
                throw RegexError(message: "\"\\\(scalar)\" is no escape")
            }
            return scalar.value
        }
    }

    private mutating func hexadecimal() throws(RegexError) -> UInt32 {
        var digits = ""
        if take("{") {
            while let scalar = next, scalar != "}", digits.utf8.count < 8 {
                digits.unicodeScalars.append(scalar)
                offset += 1
            }
            guard take("}") else { throw RegexError(message: "\"\\x{\" is never closed") }
        } else {
            for scalar in pattern[offset...].prefix(2) { digits.unicodeScalars.append(scalar) }
            offset += digits.unicodeScalars.count
        }
        guard let value = UInt32(digits, radix: 16), value <= 0x10FFFF else {
            throw RegexError(message: "\"\\x\" needs two hexadecimal digits, or more in { }")
        }
        return value
    }

    private mutating func category(isNegated: Bool) throws(RegexError) -> CharacterClass.Item {
        var name = ""
        var isNegated = isNegated
        if take("{") {
            if take("^") { isNegated.toggle() }
            while let scalar = next, scalar != "}" {
                name.unicodeScalars.append(scalar)
                offset += 1
            }
            _ = take("}")
        } else if let scalar = next {
            name.unicodeScalars.append(scalar)
            offset += 1
        }
        guard CharacterClass.categories.contains(name) else {
            throw RegexError(message: "\\p{\(name)} is no general category of Unicode, such as L, Lu or Nd")
        }
        return .category(name, isNegated: isNegated)
    }

    // MARK: - Brackets

    private mutating func brackets() throws(RegexError) -> RegexNode {
        let isNegated = take("^")
        var items: [CharacterClass.Item] = []
        var isFirst = true
        while let scalar = next, scalar != "]" || isFirst {
            isFirst = false
            if take("[:") {
                items += try posixClass()
                continue
            }
            offset += 1
            let low = scalar == "\\" ? try escapedItems() : [.range(scalar.value, scalar.value)]
            guard next == "-", offset + 1 < pattern.count, pattern[offset + 1] != "]" else {
                items += low
                continue
            }
            offset += 1
            items.append(try range(from: low))
        }
        guard take("]") else { throw RegexError(message: "a \"[\" is never closed") }
        return character(items, isNegated: isNegated)
    }

    private mutating func range(from low: [CharacterClass.Item]) throws(RegexError) -> CharacterClass.Item {
        guard let scalar = next else { throw RegexError(message: "a \"[\" is never closed") }
        offset += 1
        let high = scalar == "\\" ? try escapedItems() : [.range(scalar.value, scalar.value)]
        guard low.count == 1, high.count == 1, case .range(let first, let same) = low[0], first == same,
            case .range(let last, _) = high[0], first <= last
        else { throw RegexError(message: "a range in brackets goes from one character up to another") }
        return .range(first, last)
    }

    private mutating func posixClass() throws(RegexError) -> [CharacterClass.Item] {
        let isNegated = take("^")
        var name = ""
        while let scalar = next, scalar != ":" {
            name.unicodeScalars.append(scalar)
            offset += 1
        }
        guard take(":]"), let ranges = CharacterClass.named[name] else {
            throw RegexError(message: "[:\(name):] is no class of characters")
        }
        return isNegated ? [.outside(ranges)] : ranges.map { .range($0.0, $0.1) }
    }
}
