/// A recorded instance that gets another address and stays what it is: its rows are renamed before the first step.
public struct PlannedMove: Sendable, Codable, Hashable {
    public let from: ResourceAddress
    public let to: ResourceAddress
    /// The `moved` statement; nil where it follows by itself (`count` has come or gone).
    public let declaredAt: SourceLocation?

    public init(from: ResourceAddress, to: ResourceAddress, declaredAt: SourceLocation?) {
        self.from = from
        self.to = to
        self.declaredAt = declaredAt
    }
}
