import CLibGit2
public import PlumbModel

/// The files of one folder as a commit holds them, read from the object database.
///
/// Symbolic links and submodules are listed, so that they are not missed, and refused when they are read.
public struct RevisionSource: SpecificationSource {
    private let handle: RepositoryHandle
    private let repositoryPath: String
    private let tree: git_oid
    private let folder: String
    private let wanted: String
    private let commit: String
    private let damage: DamageNote?
    public let branch: String?

    /// `main:stacks/web`, with the revision as it was asked for.
    public var name: String { folder.isEmpty ? wanted : "\(wanted):\(folder)" }
    public var revision: String? { commit }

    init(
        handle: RepositoryHandle, repositoryPath: String, tree: git_oid, folder: String, wanted: String,
        revision: String, branch: String?, damage: DamageNote? = nil
    ) {
        self.damage = damage
        self.handle = handle
        self.repositoryPath = repositoryPath
        self.tree = tree
        self.folder = folder
        self.wanted = wanted
        commit = revision
        self.branch = branch
    }

    public func module(at path: String) throws(Diagnostics) -> any SpecificationSource {
        let folder = FileName.normal(self.folder.isEmpty ? path : self.folder + "/" + path)
        guard folder != "..", !folder.hasPrefix("../") else {
            throw Diagnostics(
                .error(
                    "Path leads outside the repository",
                    "\"\(path)\" leads from \(name) to outside of the repository, where a revision holds nothing."))
        }
        let place = folder == "." ? "" : folder
        let tree = try reading { repository throws(Diagnostics) in
            try RevisionFinder(repository: repository, path: repositoryPath).tree(
                of: commit, revision: wanted, folder: place)
        }
        return RevisionSource(
            handle: handle, repositoryPath: repositoryPath, tree: tree, folder: place, wanted: wanted, revision: commit,
            branch: branch, damage: damage)
    }

    /// Reads from the repository, and lets a cache know when it is damaged.
    private func reading<Success>(
        _ body: (OpaquePointer) throws(Diagnostics) -> Success
    ) throws(Diagnostics) -> Success {
        do throws(Diagnostics) {
            return try handle.use(body)
        } catch {
            throw damage?.examine(error) ?? error
        }
    }

    public func files(in folder: String) throws(Diagnostics) -> [String] {
        try entries(of: folder, areFolders: false)
    }

    public func folders(in folder: String) throws(Diagnostics) -> [String] {
        try entries(of: folder, areFolders: true)
    }

    private func entries(of folder: String, areFolders: Bool) throws(Diagnostics) -> [String] {
        let parts = try FileName.parts(of: folder)
        return try reading { repository throws(Diagnostics) in
            guard let id = try self.folder(parts[...], repository) else {
                throw Diagnostics(
                    .error("Folder is not in the revision", "\(self.name) has no folder \"\(folder)\". Check the path.")
                )
            }
            let prefix = parts.isEmpty ? "" : parts.joined(separator: "/") + "/"
            var files: [String] = []
            for entry in try TreeReader(repository, id, path: repositoryPath).entries() {
                guard (entry.kind == .folder) == areFolders, let name = try FileName.decode(entry.name) else {
                    continue
                }
                files.append(prefix + name)
            }
            return files.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        }
    }

    public func contents(of path: String) throws(Diagnostics) -> [UInt8]? {
        let parts = try FileName.parts(of: path)
        guard let last = parts.last else { return nil }
        return try reading { repository throws(Diagnostics) in
            guard let id = try self.folder(parts.dropLast(), repository),
                let entry = try TreeReader(repository, id, path: repositoryPath).entry(named: last)
            else { return nil }
            switch entry.kind {
            case .file: return try blob(entry.id, path, repository)
            case .link: throw Diagnostics(RevisionSource.link(path, name))
            case .submodule: throw Diagnostics(RevisionSource.submodule(path, name))
            case .folder:
                throw Diagnostics(
                    .error(
                        "Not a regular file",
                        "\"\(path)\" is a folder in \(name). Specs are read from files: rename it."))
            }
        }
    }

    /// The id of a folder's tree; nil where there is none.
    private func folder(_ parts: ArraySlice<String>, _ repository: OpaquePointer) throws(Diagnostics) -> git_oid? {
        var id = tree
        for part in parts {
            let entry = try TreeReader(repository, id, path: repositoryPath).entry(named: part)
            guard let entry else { return nil }
            switch entry.kind {
            case .folder: id = entry.id
            case .link: throw Diagnostics(RevisionSource.link(parts.joined(separator: "/"), name))
            case .submodule: throw Diagnostics(RevisionSource.submodule(parts.joined(separator: "/"), name))
            case .file: return nil
            }
        }
        return id
    }

    private func blob(_ id: git_oid, _ path: String, _ repository: OpaquePointer) throws(Diagnostics) -> [UInt8] {
        var id = id
        // The size stands in the object's header: a file that is too large is not unpacked first.
        let size = try size(of: &id, path, repository)
        guard size <= SourceFile.maximumSize else { throw Diagnostics(SourceFile.tooLarge(path, size: size)) }
        var pointer: OpaquePointer?
        let code = git_blob_lookup(&pointer, repository, &id)
        guard code == 0, let pointer else {
            throw Diagnostics(GitFailure(code).damaged(repositoryPath, while: "reading \(name)/\(path)"))
        }
        let blob = GitObject(pointer) { git_blob_free($0) }
        let content = UnsafeRawBufferPointer(
            start: git_blob_rawcontent(blob.pointer), count: Int(git_blob_rawsize(blob.pointer)))
        return Array(content)
    }

    private func size(
        of id: inout git_oid, _ path: String, _ repository: OpaquePointer
    ) throws(Diagnostics) -> Int {
        var pointer: OpaquePointer?
        var code = git_repository_odb(&pointer, repository)
        guard code == 0, let pointer else {
            throw Diagnostics(GitFailure(code).damaged(repositoryPath, while: "opening the object database"))
        }
        let database = GitObject(pointer) { git_odb_free($0) }
        var size = 0
        var type = GIT_OBJECT_INVALID
        code = git_odb_read_header(&size, &type, database.pointer, &id)
        guard code == 0 else {
            throw Diagnostics(GitFailure(code).damaged(repositoryPath, while: "reading \(name)/\(path)"))
        }
        return size
    }

    static func link(_ path: String, _ revision: String) -> Diagnostic {
        .error(
            "Symbolic link in the revision",
            "\"\(path)\" is a symbolic link in \(revision). Links are not followed there, because they may lead out of the "
                + "commit: put the file itself there.")
    }

    static func submodule(_ path: String, _ revision: String) -> Diagnostic {
        .error(
            "Submodule in the revision",
            "\"\(path)\" is a submodule in \(revision); its files belong to another repository. Read the stack from that "
                + "repository, or put its files here.")
    }
}
