/// A pattern for paths as `fileset` has them: `*`, `?`, `[a-z]`, `{one,other}`, and `**` for any folders.
public struct GlobPattern: Sendable {
    /// Why a text is no pattern: goes on from "it cannot be read:".
    public struct Malformed: Error {
        public let reason: String
    }

    /// One name in a path.
    enum Part: Sendable {
        /// `**`: any number of folders, none among them.
        case anyFolders
        case name([Element])
    }

    enum Element: Sendable {
        /// Any characters.
        case many
        case one
        case literal(Unicode.Scalar)
        /// One character in one of the ranges, or in none of them.
        case among([ClosedRange<Unicode.Scalar>], isNegated: Bool)
    }

    /// The `..` that the pattern begins with: `../../`, or nothing.
    public let root: String
    let parts: [Part]

    private static let maximumAlternatives = 1_000

    /// The patterns that a text with `{…}` stands for, each without.
    public static func all(in text: String) throws(Malformed) -> [GlobPattern] {
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

    private static func malformed(_ reason: String) -> Malformed { Malformed(reason: reason) }

    /// Writes out the first `{…}`, then those in what comes of it.
    private static func alternatives(_ text: [Unicode.Scalar]) throws(Malformed) -> [[Unicode.Scalar]] {
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
    ) throws(Malformed) -> (open: Int, commas: [Int], close: Int)? {
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

    private static func part(_ text: [Unicode.Scalar]) throws(Malformed) -> Part {
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
    private static func set(_ text: [Unicode.Scalar], _ index: inout Int) throws(Malformed) -> Element {
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

    /// Whether a path, relative to the pattern's own folder, is one that it stands for.
    public func matches(_ path: String) -> Bool {
        GlobPattern.matches(path.split(separator: "/").map(String.init)[...], parts[...])
    }

    private static func matches(_ names: ArraySlice<String>, _ parts: ArraySlice<Part>) -> Bool {
        guard let part = parts.first else { return names.isEmpty }
        switch part {
        case .anyFolders:
            if parts.count == 1 { return !names.isEmpty }
            return names.indices.contains { matches(names[$0...], parts.dropFirst()) }
        case .name(let elements):
            guard let name = names.first else { return false }
            return matches(name, elements) && matches(names.dropFirst(), parts.dropFirst())
        }
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
