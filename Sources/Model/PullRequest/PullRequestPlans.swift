/// What the stacks that a pull request touches would become: what its comment tells.
public struct PullRequestPlans: Sendable {
    /// One stack, planned at the newest commit of the pull request.
    public struct Stack: Sendable {
        public enum Standing: String, Sendable, Hashable, Codable {
            case present
            /// The pull request adds it.
            case added
            /// The pull request removes it: its plan destroys all that is recorded.
            case removed
        }

        /// What became of its plan since the last push.
        public enum Movement: Sendable, Hashable, Codable {
            /// There was no plan of it, or nobody remembers.
            case none
            case same
            case changed(PlanDelta)
        }

        public var name: String
        /// Its folder in the repository.
        public var directory: String
        public var standing: Standing
        /// Nil where none could be made; `problems` say why.
        public var plan: Plan?
        public var problems: Diagnostics
        /// What an approval is bound to; nil where there is no plan.
        public var digest: String?
        /// Where its whole plan can be read.
        public var link: String?
        /// The changed files, or the stacks, for which it was planned.
        public var causes: [String]
        public var movement: Movement

        public init(
            name: String, directory: String, standing: Standing = .present, plan: Plan?,
            problems: Diagnostics = Diagnostics(), digest: String? = nil, link: String? = nil, causes: [String] = [],
            movement: Movement = .none
        ) {
            self.name = name
            self.directory = directory
            self.standing = standing
            self.plan = plan
            self.problems = problems
            self.digest = digest
            self.link = link
            self.causes = causes
            self.movement = movement
        }

        public var fails: Bool { plan == nil || problems.hasErrors }
        public var isRefused: Bool { plan?.policies.contains(where: \.refuses) ?? false }
        /// Whether there is nothing that a reviewer has to look at.
        public var isQuiet: Bool {
            guard let plan, problems.isEmpty else { return false }
            return plan.isEmpty && plan.policies.allSatisfy { $0.status == .pass }
        }
    }

    /// What its comment is found by among all comments: fixed text for one repository and one controller or workflow.
    public var key: String
    public var stacks: [Stack]
    /// The commit that was planned.
    public var revision: String?
    /// The commit of the push before, which the movements tell of.
    public var previousRevision: String?
    /// Stacks that had a plan at the push before, and are no longer touched.
    public var noLongerAffected: [String]
    /// Where the whole plans can be read.
    public var link: String?
    /// What the reader can do next, a sentence of ours each, in Markdown.
    public var hints: [String]

    public init(
        key: String, stacks: [Stack], revision: String? = nil, previousRevision: String? = nil,
        noLongerAffected: [String] = [], link: String? = nil, hints: [String] = []
    ) {
        self.key = key
        self.stacks = stacks
        self.revision = revision
        self.previousRevision = previousRevision
        self.noLongerAffected = noLongerAffected
        self.link = link
        self.hints = hints
    }
}
