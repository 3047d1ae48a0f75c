/// A time in which a controller may, or must not, change something.
public struct SyncWindow: Sendable, Hashable {
    /// What a run does, as far as windows tell it apart.
    public enum Action: String, Sendable, Codable, Hashable, CaseIterable {
        case create, update, destroy
        /// Setting drift back, whatever that takes.
        case heal
    }

    /// False: nothing may be changed in it.
    public let allows: Bool
    /// When it opens.
    public let schedule: CronSchedule
    /// Seconds for which it stays open.
    public let duration: Double
    /// The name of a time zone, such as `Europe/Berlin`.
    public let zone: String
    /// What it is about.
    public let actions: Set<Action>

    public init(allows: Bool, schedule: CronSchedule, duration: Double, zone: String, actions: Set<Action>) {
        self.allows = allows
        self.schedule = schedule
        self.duration = duration
        self.zone = zone
        self.actions = actions
    }
}
