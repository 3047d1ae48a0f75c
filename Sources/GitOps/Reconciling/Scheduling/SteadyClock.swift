/// Notices that the time of day was set back, by a clock that nobody sets.
struct SteadyClock {
    private var wall = Clock.now()
    private var steady = ContinuousClock.now

    /// What a clock is corrected by from day to day is less.
    private static let notable = 5.0

    /// How far it was set back since the last call; nil where it was not.
    mutating func secondsSetBack() -> Double? {
        let (nowWall, nowSteady) = (Clock.now(), ContinuousClock.now)
        let missing = (nowSteady - steady) / .seconds(1) - (nowWall - wall)
        (wall, steady) = (nowWall, nowSteady)
        return missing >= Self.notable ? missing : nil
    }
}
