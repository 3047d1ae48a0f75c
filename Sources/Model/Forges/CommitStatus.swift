/// What a forge shows beside a commit of how one matter stands: of a stack, or of all.
public struct CommitStatus: Sendable, Hashable {
    public enum State: String, Sendable, Hashable, CaseIterable {
        case pending, success
        /// What was asked was answered with no: a plan that is refused, a policy that denies.
        case failure
        /// It could not be found out.
        case error
    }

    /// Tells it from the others of the commit: `plumbline/prod/dns`.
    public let name: String
    public let state: State
    /// One short sentence; cut to what the forge shows.
    public let summary: String
    /// Where the whole of it is.
    public let url: String?

    public init(name: String, state: State, summary: String, url: String? = nil) {
        self.name = name
        self.state = state
        self.summary = summary
        self.url = url
    }
}
