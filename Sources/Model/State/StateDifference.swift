/// What differs of one resource between two points of a state's history.
public struct StateDifference: Sendable {
    public let address: ResourceAddress
    /// Nil where it was not recorded.
    public let before: Value?
    public let after: Value?

    public init(address: ResourceAddress, before: Value?, after: Value?) {
        self.address = address
        self.before = before
        self.after = after
    }
}
