/// One entry of a controller's log `audit`: who has asked for what, and what was said to it.
public struct AuditEntry: Sendable, Hashable {
    public enum Outcome: String, Sendable, Hashable {
        /// Taken on: what came of it is told by the stack's runs.
        case accepted
        case refused
    }

    /// The name of the log.
    public static let log = "audit"

    /// `sync`, `approve`; `webhook`, `request` for what was refused before it was known what it is.
    public let action: String
    /// Empty where it is about none.
    public let stack: String
    /// The name of a token or of a forge; empty where it is not known.
    public let actor: String
    /// Why, as the actor says.
    public let reason: String
    /// Where it came from: an IP address, `unix`, `cli`; empty where it is not known.
    public let address: String
    public let outcome: Outcome
    /// Why it was refused, or what else there is to know.
    public let detail: String

    public init(
        action: String, stack: String = "", actor: String = "", reason: String = "", address: String = "",
        outcome: Outcome, detail: String = ""
    ) {
        self.action = action
        self.stack = stack
        self.actor = actor
        self.reason = reason
        self.address = address
        self.outcome = outcome
        self.detail = detail
    }

    public init(_ command: ControlCommand, _ outcome: Outcome, detail: String = "") {
        self.init(
            action: command.action.name, stack: command.stack, actor: command.actor, reason: command.reason,
            address: command.address, outcome: outcome, detail: detail)
    }

    /// As the log keeps it.
    public var json: String {
        let entry: Value = [
            "action": .string(action), "stack": .string(stack), "actor": .string(actor), "reason": .string(reason),
            "address": .string(address), "outcome": .string(outcome.rawValue), "detail": .string(detail),
        ]
        return entry.json
    }
}
