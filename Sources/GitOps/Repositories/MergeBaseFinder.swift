import CLibGit2
import PlumbModel

/// Finds where two commits have parted.
struct MergeBaseFinder {
    private let repository: OpaquePointer
    /// For people.
    private let path: String

    init(_ repository: OpaquePointer, path: String) {
        self.repository = repository
        self.path = path
    }

    var isShallow: Bool { git_repository_is_shallow(repository) == 1 }

    func find(_ one: String, _ other: String) throws(Diagnostics) -> String {
        var (left, right, base) = (try id(of: one), try id(of: other), git_oid())
        let code = git_merge_base(&base, repository, &left, &right)
        if code == 0 { return identifier(&base) }
        let failure = GitFailure(code)
        if isShallow { throw Diagnostics(shallow("\(short(one)) and \(short(other))")) }
        guard failure.code == GIT_ENOTFOUND else {
            throw Diagnostics(failure.damaged(path, while: "following the history"))
        }
        throw Diagnostics(
            .error(
                "Commits have no common history",
                "\(short(one)) and \(short(other)) of \(path) come from no common commit, so that nobody can say what one "
                    + "changes of the other. Rebase the branch onto the one that it is to be merged into."))
    }

    private func id(of commit: String) throws(Diagnostics) -> git_oid {
        var id = git_oid()
        if git_oid_fromstr(&id, commit) == 0, isWhole(commit, repository) { return id }
        if isShallow { throw Diagnostics(shallow(short(commit))) }
        throw Diagnostics(
            .error(
                "Commit is not in the repository",
                "\(path) does not hold the commit \(short(commit)). Fetch it first: `git fetch origin \(commit)`."))
    }

    func shallow(_ what: String) -> Diagnostic {
        .error(
            "Clone is shallow",
            "\(path) holds a part of the history alone, in which \(what) cannot be found or followed back. Clone it whole: "
                + "`fetch-depth: 0` of actions/checkout, `GIT_DEPTH: \"0\"` in GitLab CI, or `git fetch --unshallow`.")
    }

    private func short(_ commit: String) -> String { String(commit.prefix(12)) }
}
