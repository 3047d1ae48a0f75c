/// How far the specs of a stack are believed.
public enum StackTrust: Sendable, Hashable {
    /// Whoever wrote them may do what the one who runs plumb may do.
    case full
    /// Nobody vouches for whoever wrote them. They see no secrets and nothing of the environment, start no programs, read no
    /// file outside of their revision, reach nothing over the network, and have bounded time, memory and expansion.
    ///
    /// It is so by construction, because a session of a stranger is made of parts that have nothing to give away:
    ///
    /// - No provider is asked anything. Their instances know types alone (`SilentProvider`), and are configured with what
    ///   decides about types, nothing else; API files are the vouched revision's. So settings that lead to a server, a program or a file of the stranger's are
    ///   never followed, no credentials are ever sent, and data is known only after an apply. The plan is that of the
    ///   schemas, against what is recorded.
    /// - The state is that of the stack at a revision that others vouch for, never the one that the specs name. It is read
    ///   without its key: what is secret in it is an unknown in this process, so that neither `nonsensitive()` nor an
    ///   address, a message or a policy can show it.
    /// - There is no environment, no identity that decrypts, and no value for a variable but those in files of the revision.
    ///   Whatever is asked for of these is an unknown.
    /// - Files are read from a commit's tree alone, in which links and submodules lead nowhere; modules of other repositories
    ///   are not read, because a cache of ours may hold what the stranger must not see.
    /// - Policies are those of the vouched revision, and their programs are not run: what these would start may lie in a
    ///   checkout of the stranger's.
    /// - All that the specs make us do is paid for from one `Allowance`, which runs out.
    case stranger
}
