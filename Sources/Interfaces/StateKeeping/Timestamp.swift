/// A moment as people read it in messages: `2026-11-21 03:47:11 UTC`.
public struct Timestamp: CustomStringConvertible, Sendable {
    private let seconds: Int

    /// Seconds since 1970.
    public init(_ seconds: Double) {
        // Beyond the year 9999 the form would not hold.
        self.seconds = Int(max(0, min(seconds, 253_402_300_799)).rounded(.down))
    }

    public var description: String {
        let (year, month, day) = date
        let second = seconds % 86_400
        let time = [second / 3_600, second / 60 % 60, second % 60].map(Timestamp.twoDigits).joined(separator: ":")
        return "\(year)-\(Timestamp.twoDigits(month))-\(Timestamp.twoDigits(day)) \(time) UTC"
    }

    /// Days since 1970 as a date of the Gregorian calendar, counted in eras of 400 years that begin in March.
    private var date: (year: Int, month: Int, day: Int) {
        let days = seconds / 86_400 + 719_468
        let (era, dayOfEra) = (days / 146_097, days % 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        return (era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shifted + 2) / 5 + 1)
    }

    private static func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : String(number) }
}
