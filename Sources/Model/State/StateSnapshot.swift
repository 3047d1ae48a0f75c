/// Everything a stack's state says at one instant.
public struct StateSnapshot: Sendable {
    /// A UUID given to the stack's state when it came to be; nil where nothing was ever recorded.
    public var lineage: String?
    /// Rises with each transaction that changes the stack.
    public var generation: Int64
    /// Current and deposed instances, in no promised order.
    public var resources: [ResourceRecord]
    public var outputs: [OutputRecord]
    /// Intents that no run has concluded, oldest first.
    public var openIntents: [Intent]
    /// What was found to have drifted, in the order of addresses; that of the past too.
    public var drift: [DriftRecord]
    /// Those that have run out too.
    public var holds: [HoldRecord]
    /// Where the state is now, if it was moved away from here.
    public var movedTo: String?

    public init(
        lineage: String? = nil, generation: Int64 = 0, resources: [ResourceRecord] = [],
        outputs: [OutputRecord] = [], openIntents: [Intent] = [], drift: [DriftRecord] = [],
        holds: [HoldRecord] = [], movedTo: String? = nil
    ) {
        self.lineage = lineage
        self.generation = generation
        self.resources = resources
        self.outputs = outputs
        self.openIntents = openIntents
        self.drift = drift
        self.holds = holds
        self.movedTo = movedTo
    }
}
