/// Tells a text of ours at a forge from all others, in a comment of HTML that nobody sees.
public struct ForgeMarker: Sendable, Hashable {
    /// `<!-- plumbline: NAME -->`
    public let text: String

    /// - Parameter name: what the text is about: `plan`, a stack's name. What would end the comment early is left out.
    public init(_ name: String) {
        let harmless = name.unicodeScalars.filter { $0 != "<" && $0 != ">" && $0.value >= 0x20 }
        text = "<!-- plumbline: \(String(String.UnicodeScalarView(harmless)).replacing("--", with: "- -")) -->"
    }

    /// The text as it is sent.
    func marking(_ body: String) -> String { text + "\n" + body }

    /// Whether a text is the one that is meant: who quotes the marker within a text of theirs is not.
    func marks(_ body: String) -> Bool { body.hasPrefix(text) }

    /// Whether two texts are the same after a forge has had them: ends of lines change on the way, and those of the text.
    static func areSame(_ left: String, _ right: String) -> Bool { plain(left) == plain(right) }

    private static func plain(_ text: String) -> Substring {
        var plain = text.replacing("\r\n", with: "\n")[...]
        while let last = plain.last, last.isWhitespace { plain = plain.dropLast() }
        return plain
    }
}
