import CLibGit2
import PlumbModel

/// Finds the commit that a revision names, and the tree of a folder in it.
struct RevisionFinder {
    let repository: OpaquePointer
    /// For people.
    let path: String

    func find(_ revision: String) throws(Diagnostics) -> (commit: String, branch: String?) {
        var object: OpaquePointer?
        var reference: OpaquePointer?
        let code = git_revparse_ext(&object, &reference, repository, revision)
        let named = reference.map { GitObject($0) { git_reference_free($0) } }
        guard code == 0, let object, !revision.isEmpty else { throw Diagnostics(unfound(revision, GitFailure(code))) }
        let found = GitObject(object)
        var commit: OpaquePointer?
        guard git_object_peel(&commit, found.pointer, GIT_OBJECT_COMMIT) == 0, let commit else {
            throw Diagnostics(notACommit(revision, git_object_type(found.pointer)))
        }
        let peeled = GitObject(commit)
        let branch: String? =
            switch named {
            case .some(let reference): resolvedBranch(reference.pointer)
            case .none: nil
            }
        return (identifier(of: peeled.pointer), branch)
    }

    /// `HEAD` is a name for a branch, where it is not detached.
    private func resolvedBranch(_ reference: OpaquePointer) -> String? {
        var resolved: OpaquePointer?
        guard git_reference_resolve(&resolved, reference) == 0, let resolved else { return branch(of: reference) }
        let target = GitObject(resolved) { git_reference_free($0) }
        return branch(of: target.pointer)
    }

    // MARK: Folders

    /// The id of a folder's tree, in hexadecimal.
    func tree(of commit: String, revision: String, folder: String) throws(Diagnostics) -> git_oid {
        var id = git_oid()
        var pointer: OpaquePointer?
        var code = git_oid_fromstr(&id, commit)
        if code == 0 { code = git_commit_lookup(&pointer, repository, &id) }
        guard code == 0, let pointer else {
            throw Diagnostics(GitFailure(code).damaged(path, while: "reading the commit \(revision)"))
        }
        let object = GitObject(pointer) { git_commit_free($0) }
        guard let root = git_commit_tree_id(object.pointer)?.pointee else {
            throw Diagnostics(GitFailure(-1).damaged(path, while: "reading the commit \(revision)"))
        }
        var current = root
        var walked: [String] = []
        for part in folder.split(separator: "/").map(String.init) {
            current = try step(into: part, of: current, walked, revision, folder)
            walked.append(part)
        }
        return current
    }

    private func step(
        into part: String, of tree: git_oid, _ walked: [String], _ revision: String, _ folder: String
    ) throws(Diagnostics) -> git_oid {
        let tree = try TreeReader(repository, tree, path: path)
        guard let entry = tree.entry(named: part) else {
            let folders = tree.entries().filter { $0.kind == .folder }.map { String(decoding: $0.name, as: UTF8.self) }
            let near = Suggestion.nearest(to: part, among: folders).map { (walked + [$0]).joined(separator: "/") }
            throw Diagnostics(
                .error(
                    "Folder is not in the revision",
                    "The revision \(revision) of \(path) has no folder \"\(folder)\"."
                        + (near.map { " Did you mean \"\($0)\"?" }
                            ?? " A folder is part of a revision once a file in it has been committed: run `git add` and "
                            + "`git commit`, or give another revision.")))
        }
        let here = (walked + [part]).joined(separator: "/")
        switch entry.kind {
        case .folder: return entry.id
        case .submodule: throw Diagnostics(RevisionSource.submodule(here, revision))
        case .link: throw Diagnostics(RevisionSource.link(here, revision))
        case .file:
            throw Diagnostics(
                .error(
                    "Not a directory",
                    "\"\(here)\" is a file in the revision \(revision). Give the folder that holds the stack."))
        }
    }

    // MARK: Problems

    private func unfound(_ revision: String, _ failure: GitFailure) -> Diagnostic {
        if revision.isEmpty {
            return .error(
                "Unknown revision",
                "The revision is empty. Give a branch, a tag or a commit, such as `main` or `HEAD~1`.")
        }
        if failure.code == GIT_EAMBIGUOUS {
            return .error(
                "Ambiguous revision",
                "Several objects of \(path) have ids that begin with \"\(revision)\". Give more digits of the commit's id."
            )
        }
        if revision.contains("..") {
            return .error(
                "Unknown revision",
                "\"\(revision)\" is a range of revisions. Give a single one, such as a branch or a commit.")
        }
        if failure.code != GIT_ENOTFOUND, failure.code != GIT_EINVALIDSPEC, failure.code != GIT_ERROR {
            return failure.damaged(path, while: "looking up \(revision)")
        }
        let advice = Suggestion.didYouMean(revision, among: names())
        let remedy =
            advice.isEmpty
            ? " List branches with `git branch -a` and tags with `git tag`; what others have pushed since comes with "
                + "`git fetch`." : advice
        return .error("Unknown revision", "\(path) has no branch, tag or commit \"\(revision)\".\(remedy)")
    }

    private func notACommit(_ revision: String, _ type: git_object_t) -> Diagnostic {
        let kind = type == GIT_OBJECT_BLOB ? "a file" : type == GIT_OBJECT_TREE ? "a folder" : "no commit"
        return .error(
            "Revision is not a commit",
            "\"\(revision)\" names \(kind), not a commit. Give a branch, a tag of a commit, or a commit's id"
                + (revision.contains(":") ? "; the folder is given apart from it." : "."))
    }

    /// Branches and tags, and HEAD, as people write them.
    private func names() -> [String] {
        var list = git_strarray()
        guard git_reference_list(&list, repository) == 0 else { return [] }
        defer { git_strarray_dispose(&list) }
        var names = ["HEAD"]
        for index in 0..<list.count {
            guard let text = list.strings[index] else { continue }
            let name = String(cString: text)
            for prefix in ["refs/heads/", "refs/tags/", "refs/remotes/"] where name.hasPrefix(prefix) {
                names.append(String(name.dropFirst(prefix.count)))
            }
        }
        return names
    }
}
