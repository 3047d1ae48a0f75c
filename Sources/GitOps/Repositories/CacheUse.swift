import PlumbModel

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// What a cache is kept for, and so what can be done when something is wrong with it.
enum CacheUse: Sendable {
    case modules
    case following

    /// A file or folder that the system does not let us write; to be asked for right after the failing call.
    func unwritable(_ path: String) -> Diagnostic {
        unwritable("\"\(path)\"", because: String(cString: strerror(errno)))
    }

    func unwritable(_ what: String, because reason: String) -> Diagnostic {
        switch self {
        case .modules:
            .error(
                "Module cache cannot be written",
                "\(what): \(reason). Modules from Git are kept there: give yourself the right to write to it, or name another "
                    + "folder with the environment variable PLUMB_MODULE_CACHE.")
        case .following:
            .error(
                "Repository cache cannot be written",
                "\(what): \(reason). What is followed of a repository is kept there: see to the disk's space and to the right "
                    + "to write there, or choose another folder.")
        }
    }

    func unreadable(_ path: String, of url: String, _ failure: GitFailure) -> Diagnostic {
        switch self {
        case .modules:
            .error(
                "Module cache cannot be read",
                "The copy of \(url) in \(path) cannot be opened: \(failure.message). Remove that folder, then run "
                    + "`plumb init`.")
        case .following:
            .error(
                "Repository cache cannot be read",
                "The copy of \(url) in \(path) cannot be opened: \(failure.message). The next look at the server makes it "
                    + "anew.")
        }
    }

    func gone(_ commit: String, of url: String) -> Diagnostic {
        switch self {
        case .modules:
            .error(
                "Commit is gone",
                "\(url) has no commit \(commit) any more: its branch was rewritten or removed. Restore it there, or run "
                    + "`plumb init --upgrade` to take what is there now.")
        case .following:
            .error(
                "Commit is gone",
                "\(url) lists \(commit), but does not give it: the server's copy is damaged, or what was named is no commit. "
                    + "Run `git fsck` there, or follow something else.")
        }
    }
}
