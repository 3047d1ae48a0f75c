/// Which versions are meant: `>=1.2 <2`, `^1.4`, `~1.4.2`, `~> 1.4`, `1.x`, `1.2.3`, and several with `||` between them.
///
/// A pre-release is only meant where a bound names one of the same release: `>=2.0.0-rc.1` takes `2.0.0-rc.2`, and not
/// `2.1.0-rc.1`.
public struct VersionRange: Sendable, Hashable {
    private enum Relation: Sendable { case less, lessOrEqual, equal, greaterOrEqual, greater }

    private struct Bound: Sendable, Hashable {
        let relation: Relation
        let version: SemanticVersion

        func admits(_ other: SemanticVersion) -> Bool {
            switch relation {
            case .less: other < version
            case .lessOrEqual: other <= version
            case .equal: other == version
            case .greaterOrEqual: other >= version
            case .greater: other > version
            }
        }
    }

    /// A version with parts left out, and the first one after all that it stands for; nil: there is none.
    private struct Span {
        let lowest: SemanticVersion
        let after: SemanticVersion?
        let isWhole: Bool
        /// How many of the three numbers are given.
        let depth: Int
    }

    /// One of the lists must be kept to, in all of its bounds.
    private let choices: [[Bound]]

    public init(_ text: String) throws(Diagnostics) {
        var choices: [[Bound]] = []
        var rest = text[...]
        while true {
            let mark = rest.firstRange(of: "||")
            choices.append(try Self.bounds(rest[..<(mark?.lowerBound ?? rest.endIndex)], of: text))
            guard let mark else { break }
            rest = rest[mark.upperBound...]
        }
        self.choices = choices
    }

    public func contains(_ version: SemanticVersion) -> Bool {
        choices.contains { bounds in
            guard bounds.allSatisfy({ $0.admits(version) }) else { return false }
            return version.preRelease.isEmpty
                || bounds.contains { !$0.version.preRelease.isEmpty && $0.version.isOfSameRelease(as: version) }
        }
    }

    // MARK: Reading

    private static let operators = ["~>", ">=", "<=", ">", "<", "=", "^", "~"]

    private static func bounds(_ text: Substring, of whole: String) throws(Diagnostics) -> [Bound] {
        var words = text.split { $0 == " " || $0 == "," || $0 == "\t" }
        guard !words.isEmpty else { throw invalid(whole, "a range is missing") }
        var bounds: [Bound] = []
        while !words.isEmpty {
            var word = words.removeFirst()
            let sign = operators.first { word.hasPrefix($0) } ?? ""
            word = word.dropFirst(sign.count)
            // The version may stand apart from its sign.
            if word.isEmpty, !sign.isEmpty, !words.isEmpty { word = words.removeFirst() }
            guard let span = span(word) else { throw invalid(whole, "\"\(word)\" is no version") }
            guard span.depth > 0 || !["^", "~", "~>"].contains(sign) else {
                throw invalid(whole, "after `\(sign)` stands no number to be near to")
            }
            bounds += Self.bounds(sign, span)
        }
        return bounds
    }

    private static func bounds(_ sign: String, _ span: Span) -> [Bound] {
        let from = Bound(relation: .greaterOrEqual, version: span.lowest)
        func upTo(_ version: SemanticVersion?) -> [Bound] {
            version.map { [Bound(relation: .less, version: $0)] } ?? []
        }
        switch sign {
        case ">=": return [from]
        case "<": return [Bound(relation: .less, version: span.lowest)]
        case ">":
            if span.isWhole { return [Bound(relation: .greater, version: span.lowest)] }
            // Nothing is beyond every version.
            return [
                span.after.map { Bound(relation: .greaterOrEqual, version: $0) }
                    ?? Bound(relation: .less, version: SemanticVersion(0, 0, 0))
            ]
        case "<=": return span.isWhole ? [Bound(relation: .lessOrEqual, version: span.lowest)] : upTo(span.after)
        case "^": return [from] + upTo(afterCompatible(span))
        case "~": return [from] + upTo(span.depth < 2 ? span.after : next(span.lowest, 1))
        case "~>": return [from] + upTo(span.depth < 3 ? next(span.lowest, 0) : next(span.lowest, 1))
        default: return span.isWhole ? [Bound(relation: .equal, version: span.lowest)] : [from] + upTo(span.after)
        }
    }

    /// As npm and Cargo have it: the first number that is not zero stays.
    private static func afterCompatible(_ span: Span) -> SemanticVersion? {
        let version = span.lowest
        if version.major > 0 || span.depth < 2 { return next(version, 0) }
        if version.minor > 0 || span.depth < 3 { return next(version, 1) }
        return next(version, 2)
    }

    /// The version in which one of the numbers is the next, and what comes after it is zero.
    private static func next(_ version: SemanticVersion, _ place: Int) -> SemanticVersion {
        func more(_ number: UInt64) -> UInt64 { number == .max ? number : number + 1 }
        return switch place {
        case 0: SemanticVersion(more(version.major), 0, 0)
        case 1: SemanticVersion(version.major, more(version.minor), 0)
        default: SemanticVersion(version.major, version.minor, more(version.patch))
        }
    }

    private static func span(_ word: Substring) -> Span? {
        let bare = word.hasPrefix("v") ? word.dropFirst() : word
        let (text, preRelease) = SemanticVersion.divide(bare)
        guard let preRelease, !text.isEmpty else { return nil }
        var numbers: [UInt64] = []
        var isOpen = false
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 3 else { return nil }
        for part in parts {
            if ["x", "X", "*"].contains(part) {
                isOpen = true
            } else {
                guard !isOpen, let number = SemanticVersion.number(part) else { return nil }
                numbers.append(number)
            }
        }
        let depth = numbers.count
        guard depth == 3 || preRelease.isEmpty else { return nil }
        numbers += Array(repeating: 0, count: 3 - depth)
        let lowest = SemanticVersion(numbers[0], numbers[1], numbers[2], preRelease: preRelease)
        return Span(
            lowest: lowest, after: depth == 0 ? nil : next(lowest, depth - 1), isWhole: depth == 3, depth: depth)
    }

    private static func invalid(_ text: String, _ reason: String) -> Diagnostics {
        Diagnostics(
            .error(
                "Invalid version range",
                "\"\(text)\" is no range of versions: \(reason). Write bounds such as `>=1.2 <2`, `^1.4`, `~1.4.2`, `1.x` or "
                    + "`1.2.3`; `||` stands between alternatives."))
    }
}
