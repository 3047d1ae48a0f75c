/// Where spec files are read from: a directory, or a Git tree that nobody has checked out.
///
/// Paths are relative to the source's root, with `/`; a path that leads outside the root is refused.
public protocol SpecificationSource: Sendable {
    /// For people: `examples/dns`, `main:stacks/web`.
    var name: String { get }
    /// The commit the files belong to, as a full object id; nil for a plain directory.
    var revision: String? { get }
    /// The branch the revision was named by, where one is known.
    var branch: String? { get }
    /// The files directly in a folder (`""` is the root), sorted by name.
    func files(in folder: String) throws(Diagnostics) -> [String]
    /// The folders directly in a folder, as paths from the root, sorted by name. Symbolic links are none.
    func folders(in folder: String) throws(Diagnostics) -> [String]
    /// The whole content of one file; nil where there is none.
    func contents(of path: String) throws(Diagnostics) -> [UInt8]?
    /// The files of a module's folder, given relative to this source's root. The folder may lie outside of it
    /// (`../modules/net`), but not outside of the repository where the source is a tree of one.
    func module(at path: String) throws(Diagnostics) -> any SpecificationSource
    /// Whether a path that leads outside of the root (`../modules/net/text`) lies in a module that was taken in.
    func reaches(_ path: String) -> Bool
    /// What reading from it, and all that follows from what was read, may cost; nil where nobody counts.
    var allowance: Allowance? { get }
    /// What was rendered for an address when the files were read first; nil where nothing was.
    func rendered(_ address: String) -> [UInt8]?
    /// Takes note of what was rendered for an address, so that whoever opens the same content again renders nothing.
    func keep(rendered: [UInt8], for address: String)
}

extension SpecificationSource {
    public func reaches(_ path: String) -> Bool { false }
    public var allowance: Allowance? { nil }
    public func rendered(_ address: String) -> [UInt8]? { nil }
    public func keep(rendered: [UInt8], for address: String) {}
}

/// Files held in memory: what a saved plan was made from, and what tests give.
public struct MemorySource: SpecificationSource {
    public let name: String
    public let revision: String?
    public let branch: String?
    private let contents: [String: [UInt8]]
    private let listings: [String: [String]]
    /// With a slash at its end; empty for the root.
    private let prefix: String

    /// - Parameters:
    ///   - contents: by path; those of modules outside begin with `../`.
    ///   - listings: the files of folders that hold more than `contents` does, by folder.
    public init(
        name: String, revision: String? = nil, branch: String? = nil, contents: [String: [UInt8]],
        listings: [String: [String]] = [:]
    ) {
        self.init(
            name: name, revision: revision, branch: branch, contents: contents, listings: listings, prefix: "")
    }

    private init(
        name: String, revision: String?, branch: String?, contents: [String: [UInt8]], listings: [String: [String]],
        prefix: String
    ) {
        self.name = name
        self.revision = revision
        self.branch = branch
        self.contents = contents
        self.listings = listings
        self.prefix = prefix
    }

    public func files(in folder: String) throws(Diagnostics) -> [String] {
        if let files = listings[FileName.normal(prefix + folder)] {
            return files.map { $0.hasPrefix(prefix) ? String($0.dropFirst(prefix.count)) : $0 }
        }
        return contents.keys.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }.filter { path in
            let slash = path.lastIndex(of: "/")
            return (slash.map { String(path[..<$0]) } ?? "") == folder
        }.sorted()
    }

    public func folders(in folder: String) throws(Diagnostics) -> [String] {
        let inner = folder.isEmpty ? "" : folder + "/"
        let names = contents.keys.filter { $0.hasPrefix(prefix + inner) }.compactMap { path in
            let rest = path.dropFirst(prefix.count + inner.count)
            return rest.firstIndex(of: "/").map { inner + rest[..<$0] }
        }
        return Set(names).sorted()
    }

    public func contents(of path: String) throws(Diagnostics) -> [UInt8]? {
        contents[FileName.normal(prefix + path)]
    }

    /// What was rendered stands among the contents, under names that no file can have.
    public static func renderedName(_ address: String) -> String { "//rendered/\(address)" }
    public static func isRenderedName(_ name: String) -> Bool { name.hasPrefix("//rendered/") }

    public func rendered(_ address: String) -> [UInt8]? { contents[MemorySource.renderedName(address)] }

    public func module(at path: String) throws(Diagnostics) -> any SpecificationSource {
        MemorySource(
            name: name, revision: revision, branch: branch, contents: contents,
            listings: listings, prefix: FileName.normal(prefix + path) + "/")
    }
}

extension SourceFile {
    /// The size of the largest file that is read, in bytes.
    public static let maximumSize = 64 << 20

    /// The problem of a file beyond `maximumSize`.
    public static func tooLarge(_ path: String, size: Int) -> Diagnostic {
        .error(
            "File is too large",
            "\"\(path)\" has \(size / (1 << 20)) MiB; files up to \(maximumSize / (1 << 20)) MiB are read. Split it "
                + "into several files of the stack, or move data that is no spec out of the stack's directory.")
    }
}

/// File names as bytes, as file systems and Git trees keep them, and paths made of them.
public enum FileName {
    /// A relative path without `.`, and with `..` at its beginning alone; `.` where nothing is left.
    public static func normal(_ path: String) -> String {
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part == "..", let last = parts.last, last != ".." { parts.removeLast() } else { parts.append(part) }
        }
        return parts.isEmpty ? "." : parts.joined(separator: "/")
    }

    /// The name as text; nil for one that is not UTF-8 and is no spec's, which nobody needs to hear about.
    public static func decode(_ bytes: some Collection<UInt8>) throws(Diagnostics) -> String? {
        if let name = String(validating: bytes, as: UTF8.self) { return name }
        let shown = String(decoding: bytes, as: UTF8.self)
        guard shown.hasSuffix(".yaml") || shown.hasSuffix(".yml") else { return nil }
        throw Diagnostics(
            .error(
                "File name is not UTF-8",
                "The name of the file \"\(shown)\" is not valid UTF-8, so that it cannot be told from others. Rename it."
            ))
    }

    /// The parts of a path relative to a source's root, `.` left out; refused where it leads outside.
    public static func parts(of path: String) throws(Diagnostics) -> [String] {
        let parts = path.split(separator: "/").map(String.init).filter { $0 != "." }
        guard !path.hasPrefix("/"), !parts.contains("..") else {
            throw Diagnostics(
                .error(
                    "Path leads outside",
                    "\"\(path)\" leads outside the folder that is read. Paths are relative to it, without \"..\"."))
        }
        return parts
    }
}
