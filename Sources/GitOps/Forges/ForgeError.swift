/// Why a forge did not do what it was asked.
public struct ForgeError: Error, Sendable, Hashable {
    public enum Code: String, Sendable {
        /// The settings make no sense: a key that is none, a repository without an owner.
        case invalidSettings
        /// The forge does not know who asks.
        case unauthorized
        /// Who asks may not do that.
        case forbidden
        /// What is asked for is not there, or may not be seen.
        case missing
        /// What is sent is not taken: too long, or against the forge's rules.
        case invalid
        /// The quota is spent: later it goes on.
        case throttled
        /// No answer, or only that the forge is in trouble.
        case unavailable
        /// The answer is not what a forge of this kind answers.
        case unreadable
        case cancelled
    }

    public let code: Code
    /// What is wrong, where, and what to do. Never a secret.
    public let message: String
    /// The request may have had its effect nonetheless.
    public let isOutcomeUnknown: Bool

    public init(_ code: Code, _ message: String, isOutcomeUnknown: Bool = false) {
        self.code = code
        self.message = message
        self.isOutcomeUnknown = isOutcomeUnknown
    }

    /// The same request may succeed later, with nobody's help.
    public var isTransient: Bool { code == .throttled || code == .unavailable }
}
