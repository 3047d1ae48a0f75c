import CLibGit2
import PlumbModel

/// What a commit says of itself.
struct CommitReader {
    /// Seconds since 1970.
    let committedAt: Double
    let author: String
    let subject: String
    let tree: git_oid

    /// - Parameter path: of the repository, for people.
    init(_ repository: OpaquePointer, _ commit: String, path: String) throws(Diagnostics) {
        var id = git_oid()
        var pointer: OpaquePointer?
        var code = git_oid_fromstr(&id, commit)
        if code == 0 { code = git_commit_lookup(&pointer, repository, &id) }
        guard code == 0, let pointer, let tree = git_commit_tree_id(pointer) else {
            throw Diagnostics(GitFailure(code).damaged(path, while: "reading the commit \(commit)"))
        }
        let object = GitObject(pointer) { git_commit_free($0) }
        self.tree = tree.pointee
        committedAt = Double(git_commit_time(object.pointer))
        subject = git_commit_summary(object.pointer).map { String(cString: $0) } ?? ""
        guard let signature = git_commit_author(object.pointer)?.pointee else {
            author = ""
            return
        }
        let name = signature.name.map { String(cString: $0) } ?? ""
        let mail = signature.email.map { String(cString: $0) } ?? ""
        author = "\(name) <\(mail)>"
    }
}
