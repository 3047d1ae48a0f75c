/// A version such as `1.4.2` or `2.0.0-rc.1`, in the order that semver.org gives it; build metadata is left out.
public struct SemanticVersion: Sendable, Hashable, Comparable {
    public let major: UInt64
    public let minor: UInt64
    public let patch: UInt64
    /// `rc`, `1`; empty for a release.
    public let preRelease: [String]

    public init(_ major: UInt64, _ minor: UInt64, _ patch: UInt64, preRelease: [String] = []) {
        self.major = major
        self.minor = minor
        self.patch = patch
        self.preRelease = preRelease
    }

    /// Reads `1.4.2`, also with a `v` before it as tags have it; nil for anything else.
    public init?(_ text: String) {
        let bare = text.hasPrefix("v") ? text.dropFirst() : text[...]
        let (numbers, preRelease) = Self.divide(bare)
        let parts = numbers.split(separator: ".", omittingEmptySubsequences: false).map { Self.number($0) }
        guard parts.count == 3, let major = parts[0], let minor = parts[1], let patch = parts[2], let preRelease
        else { return nil }
        self.init(major, minor, patch, preRelease: preRelease)
    }

    /// What stands before `-` and `+`, and the parts of what stands between them; nil where these are malformed.
    static func divide(_ text: Substring) -> (numbers: Substring, preRelease: [String]?) {
        let withoutBuild = text.prefix { $0 != "+" }
        guard let dash = withoutBuild.firstIndex(of: "-") else { return (withoutBuild, []) }
        let parts = withoutBuild[withoutBuild.index(after: dash)...].split(
            separator: ".", omittingEmptySubsequences: false)
        let isGood = parts.allSatisfy { part in
            !part.isEmpty && part.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
        }
        return (withoutBuild[..<dash], isGood ? parts.map(String.init) : nil)
    }

    static func number(_ text: Substring) -> UInt64? {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return UInt64(text)
    }

    /// Whether both are, or lead to, the same release.
    func isOfSameRelease(as other: SemanticVersion) -> Bool {
        (major, minor, patch) == (other.major, other.minor, other.patch)
    }

    public static func < (left: SemanticVersion, right: SemanticVersion) -> Bool {
        let numbers = ((left.major, left.minor, left.patch), (right.major, right.minor, right.patch))
        if numbers.0 != numbers.1 { return numbers.0 < numbers.1 }
        // What leads to a release comes before it.
        if left.preRelease.isEmpty || right.preRelease.isEmpty {
            return !left.preRelease.isEmpty && right.preRelease.isEmpty
        }
        for (one, other) in zip(left.preRelease, right.preRelease) where one != other {
            switch (number(one[...]), number(other[...])) {
            case (let one?, let other?): return one < other
            case (.some, nil): return true
            case (nil, .some): return false
            case (nil, nil): return one.utf8.lexicographicallyPrecedes(other.utf8)
            }
        }
        return left.preRelease.count < right.preRelease.count
    }
}
