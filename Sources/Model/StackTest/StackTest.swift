/// A test file as written: runs of plans and applies on a throw-away state, and what must hold after each.
public struct StackTest: Sendable {
    /// Relative to the stack's directory, or as it was given on the command line.
    public let path: String
    /// Values of variables for all runs.
    public var variables: [NamedNode]
    public var mocks: [Mock]
    public var runs: [Run]

    public init(path: String, variables: [NamedNode] = [], mocks: [Mock] = [], runs: [Run] = []) {
        self.path = path
        self.variables = variables
        self.mocks = mocks
        self.runs = runs
    }

    /// A provider that is not asked: what it would decide is made up, or given here.
    public struct Mock: Sendable {
        /// A provider (`http`: all its instances) or one instance (`http.dns`).
        public let provider: String
        public let range: SourceRange
        public var resources: [MockedType]
        public var data: [MockedType]

        public init(provider: String, range: SourceRange, resources: [MockedType], data: [MockedType]) {
            self.provider = provider
            self.range = range
            self.resources = resources
            self.data = data
        }
    }

    /// What computed attributes of one type are to be.
    public struct MockedType: Sendable {
        public let name: String
        public let range: SourceRange
        public let defaults: [NamedNode]

        public init(name: String, range: SourceRange, defaults: [NamedNode]) {
            self.name = name
            self.range = range
            self.defaults = defaults
        }
    }

    /// One plan or apply, and what must hold of it.
    public struct Run: Sendable {
        public enum Command: String, Sendable, CaseIterable { case plan, apply }

        public let name: String
        /// Of the name.
        public let range: SourceRange
        public var command: Command
        /// Values of variables for this run alone; they win over the file's.
        public var variables: [NamedNode]
        public var targets: [String]
        public var excludes: [String]
        public var replaces: [String]
        public var refreshes: Bool
        public var isRefreshOnly: Bool
        public var assertions: [Assertion]
        public var expectedFailures: [ExpectedFailure]

        public init(name: String, range: SourceRange) {
            self.name = name
            self.range = range
            command = .apply
            variables = []
            targets = []
            excludes = []
            replaces = []
            refreshes = true
            isRefreshOnly = false
            assertions = []
            expectedFailures = []
        }
    }

    /// A condition on the values that a run has led to, and what to say where it does not hold.
    public struct Assertion: Sendable {
        public let condition: SpecificationNode
        public let message: SpecificationNode

        public init(condition: SpecificationNode, message: SpecificationNode) {
            self.condition = condition
            self.message = message
        }
    }

    /// A condition of the stack that a run must break.
    public struct ExpectedFailure: Sendable {
        public let object: CheckedObject
        public let range: SourceRange

        public init(object: CheckedObject, range: SourceRange) {
            self.object = object
            self.range = range
        }
    }
}
