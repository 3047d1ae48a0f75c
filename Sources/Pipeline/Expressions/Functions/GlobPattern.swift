/// A pattern for paths as `fileset` has them: `*`, `?`, `[a-z]`, `{one,other}`, and `**` for any folders.
struct GlobPattern {
    /// One name in a path.
    enum Part {
        /// `**`: any number of folders, none among them.
        case anyFolders
        case name([Element])
    }

    enum Element {
        /// Any characters.
        case many
        case one
        case literal(Unicode.Scalar)
        /// One character in one of the ranges, or in none of them.
        case among([ClosedRange<Unicode.Scalar>], isNegated: Bool)
    }

    /// The `..` that the pattern begins with: `../../`, or nothing.
    let root: String
    let parts: [Part]

    private static let maximumAlternatives = 1_000

    /// The patterns that a text with `{…}` stands for, each without.
    static func all(in text: String) throws(FunctionError) -> [GlobPattern] {
        var patterns: [GlobPattern] = []
        for alternative in try alternatives(Array(text.unicodeScalars)) {
            var names = alternative.split(separator: "/", omittingEmptySubsequences: true)
            var root = ""
            while names.first?.elementsEqual("..".unicodeScalars) == true {
                names.removeFirst()
                root += "../"
            }
            var parts: [Part] = []
            for name in names { parts.append(try part(Array(name))) }
            patterns.append(GlobPattern(root: root, parts: parts))
        }
        return patterns
    }

    private static func malformed(_ reason: String) -> FunctionError {
        FunctionError("the pattern cannot be read: \(reason)", argument: 1)
    }

    /// Writes out the first `{…}`, then those in what comes of it.
    private static func alternatives(_ text: [Unicode.Scalar]) throws(FunctionError) -> [[Unicode.Scalar]] {
        var done: [[Unicode.Scalar]] = []
        var pending = [text]
        while let next = pending.popLast() {
            guard let (open, commas, close) = try braces(next) else {
                done.append(next)
                continue
            }
            let bounds = [open] + commas + [close]
            for (start, end) in zip(bounds, bounds.dropFirst()) {
                var chosen = Array(next[..<open])
                chosen += next[(start + 1)..<end]
                chosen += next[(close + 1)...]
                pending.append(chosen)
            }
            guard done.count + pending.count <= maximumAlternatives else {
                throw malformed("it stands for more than \(maximumAlternatives) patterns")
            }
        }
        return done
    }

    private static func braces(
        _ text: [Unicode.Scalar]
    ) throws(FunctionError) -> (open: Int, commas: [Int], close: Int)? {
        guard let open = text.firstIndex(of: "{") else { return nil }
        var depth = 0
        var commas: [Int] = []
        for index in open..<text.count {
            switch text[index] {
            case "{": depth += 1
            case "," where depth == 1: commas.append(index)
            case "}":
                depth -= 1
                if depth == 0 { return (open, commas, index) }
            default: break
            }
        }
        throw malformed("a \"{\" is never closed with \"}\"")
    }

    private static func part(_ text: [Unicode.Scalar]) throws(FunctionError) -> Part {
        if text == ["*", "*"] { return .anyFolders }
        var elements: [Element] = []
        var index = 0
        while index < text.count {
            switch text[index] {
            case "*": elements.append(.many)
            case "?": elements.append(.one)
            case "[": elements.append(try set(text, &index))
            case "\\" where index + 1 < text.count:
                index += 1
                elements.append(.literal(text[index]))
            default: elements.append(.literal(text[index]))
            }
            index += 1
        }
        return .name(elements)
    }

    /// Reads `[abc]`, `[a-z]`, `[^a]`; the index is left on the closing bracket.
    private static func set(_ text: [Unicode.Scalar], _ index: inout Int) throws(FunctionError) -> Element {
        index += 1
        let isNegated = index < text.count && (text[index] == "^" || text[index] == "!")
        if isNegated { index += 1 }
        var ranges: [ClosedRange<Unicode.Scalar>] = []
        while index < text.count {
            if text[index] == "]", !ranges.isEmpty { return .among(ranges, isNegated: isNegated) }
            let low = text[index]
            var high = low
            if index + 2 < text.count, text[index + 1] == "-", text[index + 2] != "]" {
                high = text[index + 2]
                index += 2
            }
            guard low <= high else { throw malformed("the range \(low)-\(high) is empty") }
            ranges.append(low...high)
            index += 1
        }
        throw malformed("a \"[\" is never closed with \"]\"")
    }

    static func matches(_ name: String, _ elements: [Element]) -> Bool {
        let name = Array(name.unicodeScalars)
        var (n, e) = (0, 0)
        // Where the last `*` stands, and how much of the name it has been given.
        var (starAt, resumeAt) = (-1, 0)
        while n < name.count {
            if e < elements.count, case .many = elements[e] {
                (starAt, resumeAt) = (e, n)
                e += 1
            } else if e < elements.count, elements[e].matches(name[n]) {
                n += 1
                e += 1
            } else if starAt >= 0 {
                resumeAt += 1
                (n, e) = (resumeAt, starAt + 1)
            } else {
                return false
            }
        }
        return elements[e...].allSatisfy { if case .many = $0 { true } else { false } }
    }
}

extension GlobPattern.Element {
    fileprivate func matches(_ scalar: Unicode.Scalar) -> Bool {
        switch self {
        case .many, .one: true
        case .literal(let literal): literal == scalar
        case .among(let ranges, let isNegated): ranges.contains { $0.contains(scalar) } != isNegated
        }
    }
}
