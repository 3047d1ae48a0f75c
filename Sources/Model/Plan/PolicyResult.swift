/// What one policy says of a plan.
public struct PolicyResult: Sendable, Codable, Hashable {
    public enum Effect: String, Sendable, Codable, Hashable {
        /// A plan that it does not hold for is not applied.
        case deny
        /// It is told.
        case warn
    }

    public enum Status: Sendable, Codable, Hashable {
        case pass, fail
        /// It could not be judged: its condition or its command failed.
        case error
        /// What it judges by is not known before the apply.
        case unknown
        /// It does not hold, and those who may have let it pass; the texts are their names.
        case waived([String])
    }

    public let name: String
    public let effect: Effect
    public let status: Status
    /// What it says against the plan, a sentence each; nothing secret is in them.
    public let problems: [String]
    /// Who may waive it; empty where nobody may.
    public let waivers: [String]

    public init(
        _ name: String, _ effect: Effect, _ status: Status, problems: [String] = [], waivers: [String] = []
    ) {
        self.name = name
        self.effect = effect
        self.status = status
        self.problems = problems
        self.waivers = waivers
    }

    /// Whether the plan must not be applied. A policy that cannot be judged denies as one that does not hold.
    public var refuses: Bool {
        switch status {
        case .pass, .waived: false
        case .fail, .error, .unknown: effect == .deny
        }
    }
}
