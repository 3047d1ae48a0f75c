/// What is remembered of a pull request between two looks: what was planned at which commit, and what an approval of it binds.
public struct PullRequestRecord: Sendable, Codable, Equatable {
    /// One stack, as it was planned.
    public struct Stack: Sendable, Codable, Equatable {
        public enum Verdict: String, Sendable, Codable {
            case unchanged, changes
            /// Policies refuse it.
            case denied
            /// It could not be planned.
            case failed
        }

        /// How many resources are to be what.
        public struct Counts: Sendable, Codable, Equatable {
            public var create = 0
            public var update = 0
            public var replace = 0
            public var destroy = 0
            /// Reads, moves, imports, outputs: what changes nothing of what is there.
            public var other = 0

            public init() {}

            public init(_ plan: Plan) {
                for change in plan.changes {
                    switch change.action {
                    case .create: create += 1
                    case .update: update += 1
                    case .replace: replace += 1
                    case .delete: destroy += 1
                    case .read, .forget, .wait: other += 1
                    }
                }
                other += plan.moves.count + plan.imports.count + plan.outputs.count { $0.action != .noOp }
            }
        }

        public var name: String
        /// From the root of the repository; `.` is the root.
        public var folder: String
        public var standing: PullRequestPlans.Stack.Standing
        /// What an approval is bound to; nil where there is no plan.
        public var digest: String?
        public var counts: Counts
        public var verdict: Verdict
        /// The stacks that it comes after, by name.
        public var after: [String]
        /// What its plan was made from; nil where not all of it is known.
        public var reading: SourceReading?
        /// What became of its plan since the push before.
        public var movement: PullRequestPlans.Stack.Movement
        /// What was planned at the push before; nil where nothing was.
        public var formerDigest: String?

        public init(
            name: String, folder: String, standing: PullRequestPlans.Stack.Standing, digest: String?, counts: Counts,
            verdict: Verdict, after: [String] = [], reading: SourceReading? = nil,
            movement: PullRequestPlans.Stack.Movement = .none, formerDigest: String? = nil
        ) {
            self.name = name
            self.folder = folder
            self.standing = standing
            self.digest = digest
            self.counts = counts
            self.verdict = verdict
            self.after = after
            self.reading = reading
            self.movement = movement
            self.formerDigest = formerDigest
        }
    }

    public static let format = 1

    /// Of this shape; another one belongs to another version.
    public var format = PullRequestRecord.format
    public var number: Int
    public var head: String
    /// The commit that the pull request begins at.
    public var base: String
    /// Seconds since 1970.
    public var plannedAt: Double
    /// The commit of the push before, if it was planned.
    public var previousHead: String?
    /// Stacks that had a plan at the push before, and are no longer touched.
    public var noLongerAffected: [String]
    /// Nobody vouched for whoever wrote it: what was planned is to be looked at, and never to be applied.
    public var isOfStranger: Bool
    public var stacks: [Stack]

    public init(
        number: Int, head: String, base: String, plannedAt: Double, previousHead: String? = nil,
        noLongerAffected: [String] = [], isOfStranger: Bool = false, stacks: [Stack]
    ) {
        self.number = number
        self.head = head
        self.base = base
        self.plannedAt = plannedAt
        self.previousHead = previousHead
        self.noLongerAffected = noLongerAffected
        self.isOfStranger = isOfStranger
        self.stacks = stacks
    }

    /// How the whole of it stands: as the worst of its stacks.
    public var verdict: Stack.Verdict {
        let all = Set(stacks.map(\.verdict))
        return [.failed, .denied, .changes].first(where: all.contains) ?? .unchanged
    }
}
