internal import PlumbModel
internal import ProviderAPI

/// One side effect with everything it needs: prepared by the applier, carried out by a task of its own.
struct StepWork: Sendable {
    enum Call: Sendable {
        case create(any ResourceType, planned: Value, deposing: ResourceRecord?)
        case update(any ResourceType, planned: Value)
        case delete(any ResourceType)
        case read(any DataType, declared: Value)
        case forget
        /// Nothing but its readiness is asked for.
        case wait(any ResourceType)
    }

    /// Index into the plan's steps.
    let index: Int
    let step: PlannedStep
    /// The identifier of the intent, should the step need one.
    let intent: String
    let change: PlannedChange
    let call: Call
    /// The write-only values that the call is given, by attribute: in the planned values stand their fingerprints.
    let writeOnly: [String: Value]
    /// What the provider should know of it now; nil for a creation.
    let prior: ResourceState?
    /// Seconds; nil for none.
    let timeout: Double?
    /// Nil where a refused call is not made again.
    let retry: ResolvedResource.Retry?
    /// The deposed row that a deletion is about, if it is one.
    let deposedKey: String?
    /// Whether it has to be ready before what waits for it goes on: by `ready.when`, by the provider's own rules.
    let awaitsReadiness: Bool
    /// Seconds.
    let readyTimeout: Double
}

extension StepWork {
    /// The planned values with the write-only ones, for the provider alone.
    func complete(_ planned: Value) -> Value {
        guard !writeOnly.isEmpty, case .map(var map, let mapping) = planned.kind else { return planned }
        for (name, value) in writeOnly { map[name] = value }
        return Value(.map(map, mapping), isSensitive: planned.isSensitive)
    }

    /// A provider's answer as the engine keeps it: copies of secrets are marked, write-only values are fingerprints.
    func answer(_ state: ResourceState, _ schema: Schema, planned: Value) -> ResourceState {
        let marked = schema.marked(state.values, like: complete(planned))
        return ResourceState(schema.takingWriteOnly(of: marked, from: planned), privateData: state.privateData)
    }

    /// Nil for what no resource type does.
    var resourceType: (any ResourceType)? {
        switch call {
        case .create(let type, _, _), .update(let type, _), .delete(let type), .wait(let type): type
        case .read, .forget: nil
        }
    }
}

/// What came of one side effect.
struct StepReport: Sendable {
    let work: StepWork
    let result: Outcome.Result
    /// The values that are recorded now; nil after a deletion or a failure.
    let values: Value?
    let privateData: String?
    let problem: Problem?
    let seconds: Double

    /// Why it failed: turned into a diagnostic by the applier, which knows the place.
    enum Problem: Sendable {
        case provider(ProviderError)
        case state(StateError)
        /// The intent could not be recorded, so the provider was not called.
        case notBegun(StateError)
        /// The provider did something other than planned: what it is with each attribute, a clause each.
        case differs([String])
        case timedOut(Double)
        case notReady(String)
    }

    struct StateError: Sendable {
        let message: String
    }
}
