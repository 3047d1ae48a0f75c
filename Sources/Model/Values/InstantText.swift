/// Points in time as people write them.
public enum InstantText {
    /// `2026-11-21 15:04 UTC`
    ///
    /// - Parameter seconds: since 1970.
    public static func utc(_ seconds: Double) -> String {
        let minutes = Int((seconds / 60).rounded(.down))
        let (year, month, day) = date(daysSince1970: floorDivide(minutes, 1440))
        let minute = minutes - floorDivide(minutes, 1440) * 1440
        return "\(year)-\(two(month))-\(two(day)) \(two(minute / 60)):\(two(minute % 60)) UTC"
    }

    /// `2026-11-21T15:04:05Z`, as programs write it.
    public static func iso(_ seconds: Double) -> String {
        let whole = Int(seconds.rounded(.down))
        let days = floorDivide(whole, 86_400)
        let (year, month, day) = date(daysSince1970: days)
        let rest = whole - days * 86_400
        return "\(year)-\(two(month))-\(two(day))T\(two(rest / 3600)):\(two(rest / 60 % 60)):\(two(rest % 60))Z"
    }

    /// Reads `2026-11-21`, `2026-11-21 15:04`, `2026-11-21T15:04:05Z`, `2026-11-21 15:04:05 UTC` and, as Git writes it,
    /// `2026-11-21 15:04:05 +0100`; as UTC where no zone stands. Nil where the text is none.
    ///
    /// - Returns: seconds since 1970.
    public static func seconds(parsing text: String) -> Double? {
        let (text, offset) = withoutZone(text)
        let words = text.split(whereSeparator: { $0 == "T" || $0 == " " }).map(String.init)
        guard (1...2).contains(words.count) else { return nil }
        let parts = words[0].split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        guard parts.count == 3, let year = parts[0], let month = parts[1], let day = parts[2],
            (1970...9999).contains(year), (1...12).contains(month), (1...31).contains(day)
        else { return nil }
        let days = days(year, month, day)
        guard date(daysSince1970: days) == (year, month, day) else { return nil }
        // A zone of a day alone says nothing of its hours.
        guard words.count == 2 else { return offset == 0 ? Double(days) * 86_400 : nil }
        let times = words[1].split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
        guard (2...3).contains(times.count), let hour = times[0], let minute = times[1],
            let second = times.count == 3 ? times[2] : 0, (0...23).contains(hour), (0...59).contains(minute),
            (0...59).contains(second)
        else { return nil }
        return Double(days * 86_400 + hour * 3600 + minute * 60 + second - offset)
    }

    /// The text before its zone, and by how many seconds that is ahead of UTC.
    private static func withoutZone(_ text: String) -> (text: Substring, offset: Int) {
        for name in [" UTC", " GMT", "Z"] where text.hasSuffix(name) { return (text.dropLast(name.count), 0) }
        // The signs of a date stand before its clock.
        guard let clock = text.firstIndex(of: ":"),
            let sign = text[clock...].lastIndex(where: { $0 == "+" || $0 == "-" })
        else { return (text[...], 0) }
        let digits = text[text.index(after: sign)...].filter { $0 != ":" }
        guard digits.count == 4, digits.allSatisfy({ $0.isASCII && $0.isNumber }), let hours = Int(digits.prefix(2)),
            let minutes = Int(digits.suffix(2)), hours < 24, minutes < 60
        else { return (text[...], 0) }
        let offset = hours * 3600 + minutes * 60
        let rest = text[..<sign]
        return (rest.last == " " ? rest.dropLast() : rest, text[sign] == "-" ? -offset : offset)
    }

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

    private static func floorDivide(_ number: Int, _ divisor: Int) -> Int {
        number >= 0 ? number / divisor : -((divisor - 1 - number) / divisor)
    }

    /// Counts years from March, so that the leap day is the last one.
    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = floorDivide(shifted, 400)
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func date(daysSince1970 days: Int) -> (Int, Int, Int) {
        let shifted = days + 719_468
        let era = floorDivide(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * month + 2) / 5 + 1
        let realMonth = month < 10 ? month + 3 : month - 9
        return (yearOfEra + era * 400 + (realMonth <= 2 ? 1 : 0), realMonth, day)
    }
}
