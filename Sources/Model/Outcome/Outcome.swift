/// What became of a plan: what an apply did, what it did not, and why.
public struct Outcome: Sendable {
    public enum Result: Sendable, Hashable {
        case done
        case failed
        /// A step that it waits for failed, or the run was cancelled before it began.
        case skipped
        /// It cannot be told whether it happened; the journal keeps the intent, and the next run settles it.
        case open
    }

    /// One step, in the order of the plan's steps.
    public struct Step: Sendable {
        public let step: PlannedStep
        public let result: Result
        /// Seconds.
        public let duration: Double

        public init(step: PlannedStep, result: Result, duration: Double) {
            self.step = step
            self.result = result
            self.duration = duration
        }
    }

    public var steps: [Step]
    public var diagnostics: Diagnostics
    /// All outputs after the run.
    public var outputs: [OutputRecord]
    /// What came of the conditions, after the run.
    public var checks: [CheckResult]
    public var wasCancelled: Bool
    /// Seconds, from the first step to the last.
    public var duration: Double

    public init() {
        steps = []
        diagnostics = Diagnostics()
        outputs = []
        checks = []
        wasCancelled = false
        duration = 0
    }

    public var succeeded: Bool { !wasCancelled && steps.allSatisfy { $0.result == .done } && !diagnostics.hasErrors }
}

/// What happens while a run goes on: what progress displays are fed with.
public enum RunEvent: Sendable {
    /// Reading live values; `total` resources.
    case refreshing(done: Int, total: Int)
    case recovering(PlannedRecovery)
    case stepStarted(index: Int, PlannedStep, ResourceAddress)
    /// A provider is still waiting for something; the text says for what.
    case stepWaiting(index: Int, ResourceAddress, String)
    case stepFinished(index: Int, PlannedStep, ResourceAddress, Outcome.Result, seconds: Double)
    /// The person pressed Ctrl-C: `1` finishes what runs, `2` cancels calls.
    case cancelling(stage: Int)
}
