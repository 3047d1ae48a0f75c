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
    /// The whole content of one file; nil where there is none.
    func contents(of path: String) throws(Diagnostics) -> [UInt8]?
}

/// Files held in memory: what a saved plan was made from, and what tests give.
public struct MemorySource: SpecificationSource {
    public let name: String
    public let revision: String?
    public let branch: String?
    private let contents: [String: [UInt8]]

    public init(name: String, revision: String? = nil, branch: String? = nil, contents: [String: [UInt8]]) {
        self.name = name
        self.revision = revision
        self.branch = branch
        self.contents = contents
    }

    public func files(in folder: String) throws(Diagnostics) -> [String] {
        contents.keys.filter { path in
            let slash = path.lastIndex(of: "/")
            return (slash.map { String(path[..<$0]) } ?? "") == folder
        }.sorted()
    }

    public func contents(of path: String) throws(Diagnostics) -> [UInt8]? { contents[path] }
}
