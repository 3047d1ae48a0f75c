internal import Loading
public import PlumbModel
internal import Repositories

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// Which stack is meant: a directory, as it is or as it was at a Git revision, or a commit that nobody has checked out.
public struct StackLocation: Sendable {
    /// On disk: where relative paths start and where the default state is.
    public let directory: String
    public let revision: String?
    /// Where the specs are, if not in the directory.
    private let source: (any SpecificationSource)?

    public init(directory: String, revision: String? = nil) {
        self.directory = directory
        self.revision = revision
        source = nil
    }

    /// A stack whose specs are in no directory.
    ///
    /// - Parameters:
    ///   - source: of a revision, such as `FollowedRepository.source(at:folder:)` gives.
    ///   - directory: an existing one for this stack alone: the default state and its key are kept in it, relative paths of
    ///     files and commands start in it, and so do the caches of modules from Git where `PLUMB_MODULE_CACHE` names no other.
    public init(source: any SpecificationSource, directory: String) {
        self.directory = directory
        self.source = source
        revision = source.revision
    }

    /// The directory as a path from the root of the file system; nil where the process stands in none that exists.
    var absoluteDirectory: String? {
        if directory.hasPrefix("/") { return directory }
        guard let pointer = getcwd(nil, 0) else { return nil }
        defer { free(pointer) }
        let current = String(cString: pointer)
        return directory == "." ? current : current + "/" + directory
    }

    /// The source of what the stack is called and where its state is: of the directory as it is, except where there is none.
    func openNewest() throws(Diagnostics) -> any SpecificationSource {
        if let source { return source }
        return try DirectorySource(path: directory)
    }

    /// Opens the source of the specs, and tells which revision they belong to.
    func open() throws(Diagnostics) -> (source: any SpecificationSource, revision: String?, branch: String?) {
        if let source { return (source, source.revision, source.branch) }
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
