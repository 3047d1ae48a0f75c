/// Puts counts, lists, spans of time and instants into words.
enum Wording {
    /// `1 resource`, `2 resources`
    static func count(_ number: Int, _ noun: String, plural: String? = nil) -> String {
        number == 1 ? "1 \(noun)" : "\(number) \(plural ?? noun + "s")"
    }

    /// `a`, `a and b`, `a, b and c`; of many the first few: `a, b, c and 12 more`.
    static func list(_ items: [String], atMost limit: Int = .max) -> String {
        if items.count > limit {
            return items.prefix(limit).joined(separator: ", ") + " and \(items.count - limit) more"
        }
        guard let last = items.last, items.count > 1 else { return items.first ?? "" }
        return items.dropLast().joined(separator: ", ") + " and " + last
    }

    /// `0.2s`, `12s`, `3m 05s`, `1h 02m`
    static func duration(_ seconds: Double) -> String {
        let tenths = Int((max(0, min(seconds, 1e9)) * 10).rounded())
        if tenths < 100 { return "\(tenths / 10).\(tenths % 10)s" }
        let whole = (tenths + 5) / 10
        if whole < 60 { return "\(whole)s" }
        if whole < 3600 { return "\(whole / 60)m \(twoDigits(whole % 60))s" }
        return "\(whole / 3600)h \(twoDigits(whole / 60 % 60))m"
    }

    /// `00:03`, `1:02:03`
    static func clock(_ seconds: Double) -> String {
        let whole = Int(max(0, min(seconds, 1e9)))
        let hours = whole >= 3600 ? "\(whole / 3600):" : ""
        return hours + twoDigits(whole / 60 % 60) + ":" + twoDigits(whole % 60)
    }

    /// An instant, in seconds since 1970, as RFC 3339 has it, in UTC: `2025-03-09T14:05:00Z`
    static func instant(_ seconds: Double) -> String {
        let whole = Int(max(-62_135_596_800, min(seconds, 253_402_300_799)).rounded(.down))
        let days = Int((Double(whole) / 86400).rounded(.down))
        let rest = whole - days * 86400
        let (year, month, day) = date(daysSince1970: days)
        let padding = String(repeating: "0", count: max(0, 4 - String(year).count))
        return "\(padding)\(year)-\(twoDigits(month))-\(twoDigits(day))"
            + "T\(twoDigits(rest / 3600)):\(twoDigits(rest / 60 % 60)):\(twoDigits(rest % 60))Z"
    }

    /// Counts from the first of March of the year 0, so that the leap day is the last day of its year.
    private static func date(daysSince1970 days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = shifted >= 0 ? shifted / 146_097 : (shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (
            yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        )
    }

    private static func twoDigits(_ number: Int) -> String {
        number < 10 ? "0\(number)" : String(number)
    }
}
