/// What became of the stacks of a pull request when its plans were carried out.
public struct PullRequestOutcome: Sendable {
    /// One stack.
    public struct Stack: Sendable {
        public enum Result: Sendable {
            /// All that was planned was done; the number is that of the steps.
            case applied(Int)
            /// There was nothing left to do.
            case unchanged
            /// Now it would be something else than what was shown, so that nothing was done.
            case differs(PlanDifferenceSinceReview)
            /// It was not begun: the sentence says why.
            case skipped(String)
            /// It was refused, or went wrong; some of it may have been done.
            case failed(Diagnostics)
        }

        public var name: String
        /// From the root of the repository.
        public var folder: String
        public var result: Result

        public init(name: String, folder: String, result: Result) {
            self.name = name
            self.folder = folder
            self.result = result
        }

        public var succeeded: Bool {
            switch result {
            case .applied, .unchanged: true
            case .differs, .skipped, .failed: false
            }
        }
    }

    /// The commit that was applied.
    public var revision: String
    public var stacks: [Stack]
    /// Where more is told, such as the log of the run.
    public var link: String?

    public init(revision: String, stacks: [Stack], link: String? = nil) {
        self.revision = revision
        self.stacks = stacks
        self.link = link
    }

    public var succeeded: Bool { stacks.allSatisfy(\.succeeded) }
}

/// A plan that is another one than the one that was shown to those who have approved it.
public struct PlanDifferenceSinceReview: Sendable {
    /// What was shown.
    public var approved: String
    /// What it would be now.
    public var digest: String
    public var plan: Plan
    /// What differs; nil where the plan that was shown is not here to be compared with.
    public var delta: PlanDelta?

    public init(approved: String, digest: String, plan: Plan, delta: PlanDelta?) {
        self.approved = approved
        self.digest = digest
        self.plan = plan
        self.delta = delta
    }
}
