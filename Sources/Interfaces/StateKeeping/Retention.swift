/// How much of the past a database keeps, so that it does not grow without bound.
public struct Retention: Sendable, Hashable {
    /// Changes kept of each address (all its deposed instances counted together).
    public var changesPerAddress: Int
    /// Runs kept of each stack; runs with intents still open are kept beyond it.
    public var runsPerStack: Int
    /// Concluded intents are kept, without their values, for this many runs of the stack.
    public var runsWithIntents: Int

    public init(changesPerAddress: Int = 100, runsPerStack: Int = 1000, runsWithIntents: Int = 10) {
        precondition(
            changesPerAddress > 0 && runsPerStack > 0 && runsWithIntents > 0, "retention keeps at least one of each")
        self.changesPerAddress = changesPerAddress
        self.runsPerStack = runsPerStack
        self.runsWithIntents = runsWithIntents
    }
}
