import CLibGit2
public import PlumbModel

extension FollowedRepository {
    /// Brings a commit here that no branch of the server need lead to, such as the newest one of a pull request. It stays until
    /// `tidy` is told that nobody needs it.
    ///
    /// - Parameters:
    ///   - commit: whole.
    ///   - reference: under which the server has it, whole: `refs/pull/7/head`. Where it stands for another commit by now, the
    ///     one that is asked for may still be had.
    public func bring(
        _ commit: String, reference: String, _ patience: FetchPatience = FetchPatience()
    ) throws(Diagnostics) {
        guard !cache.holds(commit) else { return }
        _ = try cache.fetch(.commit(commit, reference: reference), patience)
    }
}
