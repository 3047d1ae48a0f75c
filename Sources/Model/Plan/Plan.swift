/// The promise: every change that an apply will make, in what order, why, and what it was decided from.
public struct Plan: Sendable, Codable {
    public enum Mode: String, Sendable, Codable {
        case normal
        /// Everything recorded goes.
        case destroy
        /// Only what was found outside is recorded; nothing outside is changed.
        case refreshOnly
    }

    public var mode: Mode
    /// Rows that get another address, in an order in which each finds it free.
    public var moves: [PlannedMove]
    /// What is taken over. What differs from the specs also has a change.
    public var imports: [PlannedImport]
    /// Changes other than no-ops, in the order of their addresses.
    public var changes: [PlannedChange]
    /// The steps of the changes, each after all that it waits for.
    public var steps: [PlannedStep]
    /// Steps that many others wait for together, as indexes into `steps`: n steps that each wait for m others are n + m
    /// edges by way of a group, and n x m without.
    public var groups: [[Int]]
    public var outputs: [PlannedOutput]
    /// What was found to differ from what was recorded.
    public var drift: [DriftedResource]
    /// What would be changed too, but is held, in the order of the addresses.
    public var held: [HeldDifference]
    /// What an earlier run left open and what was found out about it.
    public var recoveries: [PlannedRecovery]
    public var origin: PlanOrigin
    public var readSet: ReadSet
    /// How many declared resource instances there are that need no change.
    public var unchangedCount: Int
    /// How many declared instances stay as they are and depend, directly or not, on one that is changed, replaced or
    /// destroyed.
    public var dependentCount: Int
    /// Rows that an apply brings up to date without touching what they stand for.
    public var rewrites: [RecordRewrite]
    /// What data resources gave when the plan was made.
    public var data: [PlannedData]
    /// What came of every condition there is: of variables, resources, outputs and checks, in this order.
    public var checks: [CheckResult]
    /// What the stack's policies say of it, in the order of their declarations.
    public var policies: [PolicyResult]

    public init(mode: Mode, origin: PlanOrigin) {
        self.mode = mode
        self.origin = origin
        moves = []
        imports = []
        changes = []
        steps = []
        groups = []
        outputs = []
        drift = []
        held = []
        recoveries = []
        readSet = ReadSet()
        unchangedCount = 0
        dependentCount = 0
        rewrites = []
        data = []
        checks = []
        policies = []
    }

    /// Whether an apply of it would do nothing at all. What is held does not count: no apply touches it.
    public var isEmpty: Bool {
        changes.isEmpty && moves.isEmpty && imports.isEmpty && !recoveries.contains(where: \.settles)
            && !outputs.contains { $0.action != .noOp }
            && (mode != .refreshOnly || drift.isEmpty)
    }
}

/// Where a plan comes from: the stack, the revision, and the options that shaped it.
public struct PlanOrigin: Sendable, Codable {
    public var stack: String
    /// The stack's directory or `REV:path`, for people.
    public var source: String
    /// The commit, where the specs came from Git.
    public var revision: String?
    /// Seconds since 1970.
    public var createdAt: Double
    /// The version of Plumbline that made it.
    public var version: String
    /// Patterns of `--target` and `--exclude`; a plan with any is partial.
    public var targets: [String]
    public var excludes: [String]

    public init(
        stack: String, source: String, revision: String?, createdAt: Double, version: String, targets: [String] = [],
        excludes: [String] = []
    ) {
        self.stack = stack
        self.source = source
        self.revision = revision
        self.createdAt = createdAt
        self.version = version
        self.targets = targets
        self.excludes = excludes
    }
}

/// One line of a plan: what will become of one resource instance.
public struct PlannedChange: Sendable, Codable, Bookkept {
    public enum Action: Sendable, Codable, Hashable {
        case create
        case update
        case replace(createBeforeDestroy: Bool)
        case delete
        /// A data resource whose read has to wait for the apply.
        case read
        /// The resource stays, the state forgets it (`retain`).
        case forget
        /// Nothing is changed; what waits for it goes on when it is ready.
        case wait
    }

    /// Why; the texts are the reports' business.
    public enum Reason: Sendable, Codable, Hashable {
        /// It is declared and not recorded.
        case declared
        /// It was recorded and is gone outside.
        case goneOutside
        /// Declared values differ from live ones.
        case changed
        /// Live values differ from recorded and declared ones: somebody changed them outside.
        case drifted
        /// Both the spec and somebody outside changed it.
        case changedAndDrifted
        /// An attribute cannot be changed in place (`replacePaths`).
        case cannotUpdate
        /// The same, in the words in which the system has refused to.
        case refusedUpdate(String)
        /// An earlier creation failed half-way.
        case tainted
        /// `--replace`
        case requested
        /// `replace_triggered_by`; the texts are the triggers.
        case triggered([String])
        /// It is recorded and no longer declared.
        case notDeclared
        /// A `removed` entry says so.
        case removed
        /// It is imported in this plan, and differs from what the specs say.
        case imported
        /// Its key has left `for_each` or `count`.
        case keyGone
        /// It has a key and the declaration gives none, or keys of the other kind; or the other way round.
        case wrongRepetition
        /// `enabled` is false.
        case disabled
        /// `plumb destroy`
        case destroying
        /// Put aside by a replacement that did not finish.
        case deposed
        /// A data resource's own values are not known yet.
        case readLater
        /// It was made, and it was never seen that `ready.when` holds.
        case notReady
        /// A data resource depends on something that changes first.
        case readAfterChanges
    }

    public var address: ResourceAddress
    public var deposedKey: String?
    public var action: Action
    public var reason: Reason
    /// The provider instance: `builtin`, `http.dns`.
    public var provider: String
    /// Live values (recorded ones where nothing can be read); nil for a creation.
    public var before: Value?
    /// Planned values, with unknowns; nil for a deletion.
    public var after: Value?
    public var priorPrivateData: String?
    /// The attributes that force a replacement.
    public var replacePaths: [AttributePath]
    /// Where it is declared; nil where it no longer is.
    public var declaredAt: SourceLocation?
    /// What the state will note of it.
    public var bookkeeping: Bookkeeping
    /// What is destroyed cannot be made again as it was: it holds a secret that was generated.
    public var isIrreversible: Bool
    /// Of a replacement: the old one is forgotten and stays (`retain`).
    public var retainsOld: Bool

    public init(
        address: ResourceAddress, deposedKey: String? = nil, action: Action, reason: Reason, provider: String,
        before: Value?, after: Value?, priorPrivateData: String? = nil, replacePaths: [AttributePath] = [],
        declaredAt: SourceLocation? = nil, bookkeeping: Bookkeeping = Bookkeeping(), isIrreversible: Bool = false,
        retainsOld: Bool = false
    ) {
        self.isIrreversible = isIrreversible
        self.retainsOld = retainsOld
        self.address = address
        self.deposedKey = deposedKey
        self.action = action
        self.reason = reason
        self.provider = provider
        self.before = before
        self.after = after
        self.priorPrivateData = priorPrivateData
        self.replacePaths = replacePaths
        self.declaredAt = declaredAt
        self.bookkeeping = bookkeeping
    }
}

/// One side effect: a change has one step, a replacement has two.
public struct PlannedStep: Sendable, Codable, Hashable {
    public enum Kind: String, Sendable, Codable { case create, update, delete, read, forget, wait }

    /// Index into `Plan.changes`.
    public let change: Int
    public let kind: Kind
    /// Indexes into `Plan.steps`, all smaller than this step's own.
    public let after: [Int]
    /// Indexes into `Plan.groups`: it also comes after all steps of these.
    public let afterGroups: [Int]

    public init(change: Int, kind: Kind, after: [Int], afterGroups: [Int] = []) {
        self.change = change
        self.kind = kind
        self.after = after
        self.afterGroups = afterGroups
    }
}

/// What will become of an output.
public struct PlannedOutput: Sendable, Codable {
    public enum Action: String, Sendable, Codable { case create, update, delete, noOp }

    public let name: String
    public let action: Action
    public let before: Value?
    /// Nil for a deletion; unknown where only the apply can tell.
    public let after: Value?

    public init(name: String, action: Action, before: Value?, after: Value?) {
        self.name = name
        self.action = action
        self.before = before
        self.after = after
    }
}

/// A resource whose live values differ from the recorded ones.
public struct DriftedResource: Sendable, Codable {
    public let address: ResourceAddress
    public let recorded: Value
    /// Nil: it is gone.
    public let live: Value?
    public let livePrivateData: String?
    public let declaredAt: SourceLocation?
    /// Whether a change of this plan acts on what drifted.
    public let isRelevant: Bool

    public init(
        address: ResourceAddress, recorded: Value, live: Value?, livePrivateData: String?,
        declaredAt: SourceLocation?, isRelevant: Bool
    ) {
        self.address = address
        self.recorded = recorded
        self.live = live
        self.livePrivateData = livePrivateData
        self.declaredAt = declaredAt
        self.isRelevant = isRelevant
    }
}

/// An intent that an earlier run left open, and what the provider says of it.
public struct PlannedRecovery: Sendable, Codable, Hashable {
    public enum Finding: Sendable, Codable, Hashable {
        /// It exists and will be recorded.
        case adopt(Value)
        /// It does not exist; the intent is ended.
        case conclude
        /// It cannot be told; the resource is held until a person decides.
        case hold(String)
    }

    public let intent: String
    public let address: ResourceAddress
    public let action: Intent.Action
    public let finding: Finding
    /// The provider's own notes of what it found.
    public let privateData: String?

    public init(
        intent: String, address: ResourceAddress, action: Intent.Action, finding: Finding, privateData: String? = nil
    ) {
        self.intent = intent
        self.address = address
        self.action = action
        self.finding = finding
        self.privateData = privateData
    }

    /// Whether an apply ends the intent. What is held stays open.
    public var settles: Bool { if case .hold = finding { false } else { true } }
}

/// What a plan was decided from, and so what must not have moved when it is applied.
public struct ReadSet: Sendable, Codable {
    public struct Row: Sendable, Codable, Hashable {
        public let address: ResourceAddress
        public let deposedKey: String?
        /// Nil: there was no such row.
        public let generation: Int64?

        public init(address: ResourceAddress, deposedKey: String?, generation: Int64?) {
            self.address = address
            self.deposedKey = deposedKey
            self.generation = generation
        }
    }

    public struct File: Sendable, Codable, Hashable {
        public let path: String
        /// SHA-256 of the content, in hexadecimal digits. Nil: there was no such file.
        public let digest: String?

        public init(path: String, digest: String?) {
            self.path = path
            self.digest = digest
        }
    }

    /// Nil where the stack had no state.
    public var lineage: String?
    /// The rows that the plan's changes depend on.
    public var rows: [Row]
    public var files: [File]

    public init(lineage: String? = nil, rows: [Row] = [], files: [File] = []) {
        self.lineage = lineage
        self.rows = rows
        self.files = files
    }
}

/// A row whose bookkeeping has changed while the resource needs no change: its live values, what it depends on, whether
/// it is protected.
public struct RecordRewrite: Sendable, Codable, Bookkept {
    public let address: ResourceAddress
    /// Set where it is about an instance that a replacement has put aside.
    public let deposedKey: String?
    public let provider: String
    /// Nil: the resource is gone, and so will be the row.
    public let values: Value?
    public let privateData: String?
    public let bookkeeping: Bookkeeping
    public let status: ResourceRecord.Status

    public init(
        address: ResourceAddress, deposedKey: String? = nil, provider: String, values: Value?, privateData: String?,
        bookkeeping: Bookkeeping, status: ResourceRecord.Status
    ) {
        self.status = status
        self.address = address
        self.deposedKey = deposedKey
        self.provider = provider
        self.values = values
        self.privateData = privateData
        self.bookkeeping = bookkeeping
    }
}

/// The values of a data resource as they were read for a plan.
public struct PlannedData: Sendable, Codable {
    public let address: ResourceAddress
    public let values: Value

    public init(address: ResourceAddress, values: Value) {
        self.address = address
        self.values = values
    }
}
