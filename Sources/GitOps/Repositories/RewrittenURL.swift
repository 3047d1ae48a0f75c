import CLibGit2
import Synchronization

/// What Git's settings make of a URL (`url.<base>.insteadOf`), found out once for each URL: libgit2 1.5 with PCRE 10.40 or newer
/// does not give back the memory of a look into the settings, and a controller would look every few seconds.
enum RewrittenURL {
    private static let known = Mutex<[String: String]>([:])

    /// - Returns: zero, or why libgit2 cannot tell; the URL is as it was then.
    static func find(_ url: inout String, _ repository: OpaquePointer) -> Int32 {
        let given = url
        if let found = known.withLock({ $0[given] }) {
            url = found
            return 0
        }
        var pointer: OpaquePointer?
        let code = git_remote_create_anonymous(&pointer, repository, given)
        guard code == 0, let pointer else { return code }
        let remote = GitObject(pointer) { git_remote_free($0) }
        if let text = git_remote_url(remote.pointer) { url = String(cString: text) }
        let found = url
        known.withLock { $0[given] = found }
        return 0
    }
}
