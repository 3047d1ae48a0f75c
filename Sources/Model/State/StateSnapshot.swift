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
    /// Where the state is now, if it was moved away from here.
    public var movedTo: String?

    public init(
        lineage: String? = nil, generation: Int64 = 0, resources: [ResourceRecord] = [],
        outputs: [OutputRecord] = [], openIntents: [Intent] = [], movedTo: String? = nil
    ) {
        self.lineage = lineage
        self.generation = generation
        self.resources = resources
        self.outputs = outputs
        self.openIntents = openIntents
        self.movedTo = movedTo
    }
}
