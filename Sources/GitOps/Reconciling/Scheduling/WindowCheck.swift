internal import PlumbModel

/// Tells whether windows let a run change something.
///
/// Of what windows say of an action: a denying one that is open forbids it; where there are allowing ones, one of them must
/// be open. Without any, everything is allowed.
struct WindowCheck: Sendable {
    private let windows: [SyncWindow]
    private let zones: [String: TimeZoneRules]

    /// Why not now, and when it may be tried again (seconds since 1970); nil where it cannot be told.
    struct Obstacle: Sendable, Equatable {
        let reason: String
        let opensAt: Double?
    }

    init(_ windows: [SyncWindow], zones find: (String) -> TimeZoneRules? = { TimeZoneRules.named($0) }) {
        self.windows = windows
        var zones: [String: TimeZoneRules] = [:]
        for name in Set(windows.map(\.zone)) { zones[name] = find(name) }
        self.zones = zones
    }

    /// - Parameter time: seconds since 1970.
    func obstacle(to actions: Set<SyncWindow.Action>, at time: Double) -> Obstacle? {
        guard !windows.isEmpty, !actions.isEmpty else { return nil }
        if let unknown = windows.first(where: { zones[$0.zone] == nil }) {
            return Obstacle(
                reason:
                    "Whether a window is open cannot be told: this system does not know the time zone \"\(unknown.zone)\" "
                    + "of `windows`. Install the time zone database (tzdata), or mend the name.", opensAt: nil)
        }
        for action in actions.sorted(by: { $0.rawValue < $1.rawValue }) {
            if let obstacle = obstacle(to: action, Int(time)) { return obstacle }
        }
        return nil
    }

    private func obstacle(to action: SyncWindow.Action, _ time: Int) -> Obstacle? {
        let relevant = windows.filter { $0.actions.contains(action) }
        let denying = relevant.filter { !$0.allows }
        let ends: [Int] = denying.compactMap { end(of: $0, at: time) }
        if let end = ends.max() {
            return Obstacle(
                reason: "A window forbids to \(action.verb) until \(InstantText.utc(Double(end))).",
                opensAt: Double(end))
        }
        let allowing = relevant.filter(\.allows)
        guard !allowing.isEmpty, !allowing.contains(where: { end(of: $0, at: time) != nil }) else { return nil }
        let openings: [Int] = allowing.compactMap { opening(of: $0, after: time) }
        guard let opening = openings.min() else {
            return Obstacle(reason: "No window to \(action.verb) is open, and none opens.", opensAt: nil)
        }
        let next = InstantText.utc(Double(opening))
        return Obstacle(
            reason: "No window to \(action.verb) is open; the next opens at \(next).", opensAt: Double(opening))
    }

    /// When a window closes that is open; nil where it is not.
    func end(of window: SyncWindow, at time: Int) -> Int? {
        guard let zone = zones[window.zone] else { return nil }
        let length = Int(window.duration)
        let first = CivilDay(containing: time - length + zone.offset(at: time - length)).number - 1
        var day = CivilDay(containing: time + zone.offset(at: time)).number
        while day >= first {
            for start in starts(window.schedule, on: day, zone).reversed() where start <= time {
                return start + length > time ? start + length : nil
            }
            day -= 1
        }
        return nil
    }

    /// When a window opens next; nil where it does not within nine years, the longest time without a 29th of February.
    func opening(of window: SyncWindow, after time: Int) -> Int? {
        guard let zone = zones[window.zone] else { return nil }
        let today = CivilDay(containing: time + zone.offset(at: time)).number
        for day in today..<today + 9 * 366 {
            if let start = starts(window.schedule, on: day, zone).first(where: { $0 > time }) { return start }
        }
        return nil
    }

    private func starts(_ schedule: CronSchedule, on number: Int, _ zone: TimeZoneRules) -> [Int] {
        let day = CivilDay(number: number)
        let date = day.date
        guard schedule.matches(month: date.month, day: date.day, weekday: day.weekday) else { return [] }
        return schedule.hours.sorted().flatMap { hour in
            schedule.minutes.sorted().map { minute in
                zone.time(ofLocal: number * 86_400 + hour * 3600 + minute * 60)
            }
        }.sorted()
    }
}

extension SyncWindow.Action {
    fileprivate var verb: String { self == .heal ? "set drift back" : rawValue }
}
