public import PlumbModel

/// Where a module in another Git repository is: `git::URL[//FOLDER][?ref=REVISION]`.
public struct GitModuleAddress: Hashable, Sendable, CustomStringConvertible {
    /// As Git takes it: `https://example.org/modules.git`, `ssh://…`, `git@host:path`, `file:///…`, or a path.
    public let url: String
    /// Relative to the repository's root; empty for the root itself.
    public let folder: String
    /// A branch, a tag or a commit; nil for the repository's default branch.
    public let reference: String?

    public init(parsing text: String) throws(Diagnostics) {
        // Git's credential helpers are asked line by line: a line end in a URL could ask for another server's password.
        guard !text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) else {
            throw Self.invalid(text, "It holds a control character, such as the end of a line.")
        }
        var rest = Substring(text.hasPrefix("git::") ? text.dropFirst(5) : text[...])
        var reference: String?
        if let mark = rest.lastIndex(of: "?") {
            for pair in rest[rest.index(after: mark)...].split(separator: "&") {
                guard pair.hasPrefix("ref="), pair.count > 4 else {
                    throw Self.invalid(text, "\"\(pair)\" is not understood; after \"?\" stands `ref=REVISION` alone.")
                }
                reference = String(pair.dropFirst(4))
            }
            rest = rest[..<mark]
        }
        let start = Self.endOfScheme(rest)
        var folder = ""
        if let slashes = Self.doubleSlash(in: rest[start...]) {
            folder = String(rest[rest.index(slashes, offsetBy: 2)...])
            rest = rest[..<slashes]
        }
        guard !rest[start...].isEmpty else { throw Self.invalid(text, "It names no repository.") }
        guard rest.utf8.first != UInt8(ascii: "-") else { throw Self.invalid(text, "No URL begins with \"-\".") }
        url = String(rest)
        self.folder = try FileName.parts(of: folder).joined(separator: "/")
        self.reference = reference
    }

    /// As it is written, without the leading `git::`.
    public var description: String {
        url + (folder.isEmpty ? "" : "//" + folder) + (reference.map { "?ref=" + $0 } ?? "")
    }

    private static func endOfScheme(_ text: Substring) -> Substring.Index {
        guard let colon = text.firstIndex(of: ":"), text[colon...].hasPrefix("://") else { return text.startIndex }
        return text.index(colon, offsetBy: 3)
    }

    private static func doubleSlash(in text: Substring) -> Substring.Index? {
        var index = text.startIndex
        while index < text.endIndex {
            if text[index...].hasPrefix("//"), index != text.startIndex { return index }
            index = text.index(after: index)
        }
        return nil
    }

    private static func invalid(_ text: String, _ why: String) -> Diagnostics {
        Diagnostics(
            .error(
                "Invalid module source",
                "\"\(text)\" is no source of a module. \(why) A Git source is `git::URL//FOLDER?ref=REVISION`, such as "
                    + "`git::https://example.org/modules.git//network?ref=v1.2.0`."))
    }
}
