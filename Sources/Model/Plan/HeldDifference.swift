/// A resource that a plan would touch if nobody held it: it differs from the specs, and stays as it is.
public struct HeldDifference: Sendable, Codable, Hashable {
    public let address: ResourceAddress
    /// What would be done to it.
    public let action: PlannedChange.Action
    /// The address that the hold was placed on; empty for the whole stack.
    public let heldAt: String
    public let placedBy: String
    public let reason: String
    /// Seconds since 1970; nil until it is lifted.
    public let until: Double?

    public init(_ address: ResourceAddress, _ action: PlannedChange.Action, heldBy hold: HoldRecord) {
        self.address = address
        self.action = action
        heldAt = hold.address
        placedBy = hold.placedBy
        reason = hold.reason
        until = hold.until
    }
}
