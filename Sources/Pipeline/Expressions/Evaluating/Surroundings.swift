/// What functions may ask about besides their arguments: how far the run is, and where on the machine it happens.
public struct Surroundings: Sendable {
    /// How far the run is, which says what functions of time and chance can give.
    public enum Phase: Sendable {
        /// Nothing is planned yet: not even the time of the plan is known.
        case resolving
        /// `timestamp()`, `uuid()` and `bcrypt()` wait for the apply; `plantimestamp()` is this, in seconds since 1970.
        case planning(at: Double)
        /// All functions have values; the time is that of the plan that is applied.
        case applying(plannedAt: Double)
    }

    public var phase: Phase
    /// The stack's directory, absolute; nil where no directory is at hand.
    public var directory: String?
    /// What `~` stands for.
    public var home: String?

    public init(phase: Phase = .resolving, directory: String? = nil, home: String? = nil) {
        self.phase = phase
        self.directory = directory
        self.home = home
    }

    var isApplying: Bool { if case .applying = phase { true } else { false } }

    /// When the plan was or is being made, in seconds since 1970; nil before.
    var plannedAt: Double? {
        switch phase {
        case .resolving: nil
        case .planning(let time), .applying(let time): time
        }
    }
}
