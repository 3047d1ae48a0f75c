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

        /// As the API and the log have it.
        public var name: String {
            switch self {
            case .sync: "sync"
            case .checkDrift: "check-drift"
            case .approve: "approve"
            case .suspend: "suspend"
            case .resume: "resume"
            case .rollback: "rollback"
            }
        }
    }

    public let stack: String
    public let action: Action
    /// Who asks: the name of a token, or of a forge's user.
    public let actor: String
    public let reason: String
    /// Where it came from: an IP address, `unix`; empty where it is not known.
    public let address: String

    public init(stack: String, action: Action, actor: String, reason: String, address: String = "") {
        self.stack = stack
        self.action = action
        self.actor = actor
        self.reason = reason
        self.address = address
    }
}
