/// Minutes that come again, as cron writes them: `0 22 * * 1-5`.
public struct CronSchedule: Sendable, Hashable, CustomStringConvertible {
    /// As it is written.
    public let description: String
    public let minutes: Set<Int>
    public let hours: Set<Int>
    let days: Set<Int>
    let months: Set<Int>
    /// 0 is Sunday.
    let weekdays: Set<Int>
    /// Whether the day of the month, or that of the week, is any; where neither is, one of the two is enough.
    let isAnyDay: Bool
    let isAnyWeekday: Bool

    private static let monthNames = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ]
    private static let weekdayNames = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]

    /// Nil where the text is no schedule of five fields: minute, hour, day, month, weekday.
    public init?(parsing text: String) {
        let fields = text.split(whereSeparator: { $0 == " " || $0 == "\t" }).map { $0.lowercased() }
        guard fields.count == 5, let minutes = Self.values(fields[0], 0...59),
            let hours = Self.values(fields[1], 0...23),
            let days = Self.values(fields[2], 1...31),
            let months = Self.values(fields[3], 1...12, names: Self.monthNames, first: 1),
            let weekdays = Self.values(fields[4], 0...7, names: Self.weekdayNames, first: 0)
        else { return nil }
        description = text
        self.minutes = minutes
        self.hours = hours
        self.days = days
        self.months = months
        self.weekdays = Set(weekdays.map { $0 % 7 })
        isAnyDay = fields[2].hasPrefix("*")
        isAnyWeekday = fields[4].hasPrefix("*")
        // The 31st of February never comes, and a window that never opens is a mistake.
        let longest = months.map { $0 == 2 ? 29 : [4, 6, 9, 11].contains($0) ? 30 : 31 }.max() ?? 31
        if isAnyWeekday, let first = days.min(), first > longest { return nil }
    }

    /// Whether it comes on a day.
    ///
    /// - Parameter weekday: 0 is Sunday.
    public func matches(month: Int, day: Int, weekday: Int) -> Bool {
        guard months.contains(month) else { return false }
        return switch (isAnyDay, isAnyWeekday) {
        case (true, true): days.contains(day) && weekdays.contains(weekday)
        case (false, true): days.contains(day)
        case (true, false): weekdays.contains(weekday) && days.contains(day)
        case (false, false): days.contains(day) || weekdays.contains(weekday)
        }
    }

    /// One field: `*`, `5`, `1-5`, `*/10`, `mon-fri`, and lists of such.
    private static func values(
        _ field: String, _ range: ClosedRange<Int>, names: [String] = [], first: Int = 0
    ) -> Set<Int>? {
        var values: Set<Int> = []
        for part in field.split(separator: ",", omittingEmptySubsequences: false) {
            let halves = part.split(separator: "/", omittingEmptySubsequences: false)
            guard (1...2).contains(halves.count) else { return nil }
            let step = halves.count == 2 ? Int(halves[1]) : 1
            guard let step, step > 0, let bounds = bounds(halves[0], range, names, first, hasStep: halves.count == 2)
            else { return nil }
            values.formUnion(stride(from: bounds.lowerBound, through: bounds.upperBound, by: step))
        }
        return values.isEmpty ? nil : values
    }

    private static func bounds(
        _ text: Substring, _ range: ClosedRange<Int>, _ names: [String], _ first: Int, hasStep: Bool
    ) -> ClosedRange<Int>? {
        if text == "*" { return range }
        func number(_ text: Substring) -> Int? {
            names.firstIndex { $0 == text }.map { $0 + first }
                ?? (text.allSatisfy { $0.isASCII && $0.isNumber } ? Int(text) : nil)
        }
        let ends = text.split(separator: "-", omittingEmptySubsequences: false)
        guard (1...2).contains(ends.count), let low = number(ends[0]), range.contains(low) else { return nil }
        guard ends.count == 2 else { return low...(hasStep ? range.upperBound : low) }
        guard let high = number(ends[1]), range.contains(high), low <= high else { return nil }
        return low...high
    }
}
