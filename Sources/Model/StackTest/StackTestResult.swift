/// What became of one test file.
public struct StackTestResult: Sendable {
    public enum Status: String, Sendable {
        case passed
        /// An assertion does not hold, or an expected failure has not come.
        case failed
        /// The run could not be carried out.
        case error
        /// Not tried, after an error or because the tests were stopped.
        case skipped
    }

    /// What became of one run.
    public struct Run: Sendable {
        public let name: String
        public let command: StackTest.Run.Command
        /// Where it is written.
        public let place: SourceLocation
        public var status: Status
        public var diagnostics: Diagnostics
        /// Nil where none could be made.
        public var plan: Plan?
        /// Seconds.
        public var duration: Double

        public init(
            name: String, command: StackTest.Run.Command, place: SourceLocation, status: Status,
            diagnostics: Diagnostics = Diagnostics(), plan: Plan? = nil, duration: Double = 0
        ) {
            self.name = name
            self.command = command
            self.place = place
            self.status = status
            self.diagnostics = diagnostics
            self.plan = plan
            self.duration = duration
        }
    }

    /// What the destruction at the end has left behind.
    public struct Leftovers: Sendable {
        /// Resources that still exist, as far as the test's state knows.
        public let resources: [ResourceAddress]
        /// The database that still knows them.
        public let state: String
        public let diagnostics: Diagnostics

        public init(resources: [ResourceAddress], state: String, diagnostics: Diagnostics) {
            self.resources = resources
            self.state = state
            self.diagnostics = diagnostics
        }
    }

    public let path: String
    public var runs: [Run]
    /// Nil where everything was destroyed.
    public var leftovers: Leftovers?
    /// What was noticed beside the runs.
    public var warnings: Diagnostics
    /// Somebody stopped the tests before the runs had ended.
    public var wasStopped: Bool
    /// Seconds, with the destruction.
    public var duration: Double

    public init(path: String) {
        self.path = path
        runs = []
        warnings = Diagnostics()
        wasStopped = false
        duration = 0
    }

    public var succeeded: Bool {
        leftovers == nil && !wasStopped && runs.allSatisfy { $0.status == .passed || $0.status == .skipped }
    }

    public func count(_ status: Status) -> Int { runs.count { $0.status == status } }
}

/// What happens while tests run: what their report is fed with.
public enum StackTestEvent: Sendable {
    case fileStarted(path: String)
    case runFinished(path: String, StackTestResult.Run)
    /// Everything that the file's runs have made is being destroyed.
    case tearingDown(path: String)
    case fileFinished(StackTestResult)
}
