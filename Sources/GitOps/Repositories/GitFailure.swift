import CLibGit2
import PlumbModel

/// What libgit2 answered to a call that failed, with its own words.
struct GitFailure {
    let code: git_error_code
    let message: String

    /// Must be asked for right after the failing call, on the same thread.
    init(_ code: Int32) {
        self.code = git_error_code(code)
        message = git_error_last().flatMap { $0.pointee.message.map { String(cString: $0) } } ?? "no reason given"
    }

    /// Whether a problem is one that `damaged` has made.
    static func isDamage(_ problem: Diagnostic) -> Bool {
        ["Git object is missing", "Git repository cannot be read"].contains(problem.summary)
    }

    /// For what should not fail in a healthy repository.
    func damaged(_ repository: String, while activity: String) -> Diagnostic {
        if code == GIT_ENOTFOUND {
            return .error(
                "Git object is missing",
                "While \(activity), an object was not found in \(repository): \(message). A shallow or partial clone holds "
                    + "only a part of the history: run `git fetch --unshallow`, or clone in full. Otherwise the repository "
                    + "is damaged: run `git fsck`.")
        }
        return .error(
            "Git repository cannot be read",
            "While \(activity), \(repository) could not be read: \(message). The repository may be damaged: run "
                + "`git fsck` in it, or clone it again.")
    }
}

/// An object of libgit2 that must be freed.
struct GitObject: ~Copyable {
    let pointer: OpaquePointer
    private let free: (OpaquePointer) -> Void

    init(_ pointer: OpaquePointer, free: @escaping (OpaquePointer) -> Void = { git_object_free($0) }) {
        self.pointer = pointer
        self.free = free
    }

    deinit { free(pointer) }
}
