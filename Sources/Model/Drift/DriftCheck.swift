/// What one look for drift has found in a stack, and what was done about it.
public struct DriftCheck: Sendable {
    /// One place that has drifted.
    public struct Finding: Sendable {
        public var record: DriftRecord
        public let mode: DriftMode
        /// Nil where nobody holds the resource.
        public let hold: HoldRecord?
        public let declaredAt: SourceLocation?
        /// What a heal would do, or has done, to the resource.
        public var remedy: Remedy

        public init(
            record: DriftRecord, mode: DriftMode, hold: HoldRecord?, declaredAt: SourceLocation?, remedy: Remedy
        ) {
            self.record = record
            self.mode = mode
            self.hold = hold
            self.declaredAt = declaredAt
            self.remedy = remedy
        }

        /// Whether it is drift that somebody has to do something about.
        public var counts: Bool {
            hold == nil && (record.status == .open || record.status == .contended) && remedy != .healed
        }

        /// Whether a heal is to set it back.
        public var isToBeHealed: Bool { mode == .heal && hold == nil && record.status == .open }
    }

    public enum Remedy: Sendable, Hashable {
        case update, create, replace
        /// A heal of this check has set it back.
        case healed
        /// A heal tried, and failed.
        case failed
        /// The sentence says why no heal touches it.
        case none(String)
        /// It was not planned: the records were asked, or planning failed.
        case unknown
    }

    public var stack: String
    /// The stack's directory, as it was given.
    public var directory: String
    public var revision: String?
    /// Seconds since 1970.
    public var checkedAt: Double
    /// Whether the answer comes from the records of an earlier check.
    public var isFromRecords = false
    /// Resources that are recorded.
    public var resourceCount = 0
    /// Those of them of which nothing is known but what was known before.
    public var unreadable: [UnreadableResource] = []
    public var findings: [Finding] = []
    /// What was there at the check before, and no longer is.
    public var ended: [DriftRecord] = []
    /// Why some of it was not healed, a sentence each.
    public var notices: [String] = []
    /// Why the check was not recorded; nil where it was.
    public var unrecorded: String?
    /// Whether a heal was asked for.
    public var heals = false
    /// What the stack's policies say of the heal; empty where none was planned.
    public var policies: [PolicyResult] = []
    /// What went wrong beside `unreadable`; errors where the check or the heal failed.
    public var problems = Diagnostics()

    public init(stack: String, directory: String, revision: String? = nil, checkedAt: Double) {
        self.stack = stack
        self.directory = directory
        self.revision = revision
        self.checkedAt = checkedAt
    }

    /// Of a directory that could not be looked into.
    public init(closed directory: String, at time: Double) {
        self.init(stack: directory, directory: directory, checkedAt: time)
        problems.append(
            .error(
                "Directory cannot be read",
                "\"\(directory)\" cannot be looked into, and may hold stacks. Give whoever runs this the right to read it, or "
                    + "check the directories beside it one by one."))
    }

    /// All that went wrong.
    public var allProblems: Diagnostics {
        var all = problems
        all.append(UnreadableResource.problems(unreadable))
        return all
    }

    /// Whether a policy has refused the heal.
    public var isDenied: Bool { policies.contains(where: \.refuses) }

    /// 0 in sync, 1 failed, 2 drift.
    public var exitCode: Int32 { allProblems.hasErrors ? 1 : findings.contains(where: \.counts) ? 2 : 0 }
}
