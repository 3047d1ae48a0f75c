/// What a person, or a program in a person's name, asks a controller to do with a stack.
public struct ControlCommand: Sendable, Hashable {
    public enum Action: Sendable, Hashable {
        /// Look at the newest revision now, whatever the schedule says.
        case sync
        /// Look for drift now.
        case checkDrift
        /// Carry out the plan with this digest, which waits for somebody's word.
        case approve(digest: String)
        /// Leave the stack alone, until then (seconds since 1970; nil: until `resume`).
        case suspend(until: Double?)
        case resume
        /// Set back to the generation before, and pin the newest revision off.
        case rollback
    }

    public let stack: String
    public let action: Action
    /// Who asks: the name of a token, or of a forge's user.
    public let actor: String
    public let reason: String

    public init(stack: String, action: Action, actor: String, reason: String) {
        self.stack = stack
        self.action = action
        self.actor = actor
        self.reason = reason
    }
}
