internal import Loading
internal import PlumbModel
internal import Repositories

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// Which stack is meant: a directory, as it is or as it was at a Git revision.
public struct StackLocation: Sendable {
    /// On disk: where relative paths start and where the default state is.
    public let directory: String
    public let revision: String?

    public init(directory: String, revision: String? = nil) {
        self.directory = directory
        self.revision = revision
    }

    /// The directory as a path from the root of the file system; nil where the process stands in none that exists.
    var absoluteDirectory: String? {
        if directory.hasPrefix("/") { return directory }
        guard let pointer = getcwd(nil, 0) else { return nil }
        defer { free(pointer) }
        let current = String(cString: pointer)
        return directory == "." ? current : current + "/" + directory
    }

    /// Opens the source of the specs, and tells which revision they belong to.
    func open() throws(Diagnostics) -> (source: any SpecificationSource, revision: String?, branch: String?) {
        guard let revision else {
            let source = try DirectorySource(path: directory)
            // A directory outside of Git has no revision; that is no problem.
            let head = try? GitRepository.open(containing: directory).head()
            return (source, head?.revision, head?.branch)
        }
        let repository = try GitRepository.open(containing: directory)
        let source = try repository.source(revision: revision, folder: try repository.folder(of: directory))
        return (source, source.revision, source.branch)
    }
}
