import HTTPTransport

/// Writes times of RFC 3339 in one way: in UTC, with no more digits of a second than it takes.
enum TimeText {
    /// `2026-11-21T11:00:00.500+01:00` becomes `2026-11-21T10:00:00.5Z`; nil for anything else.
    static func canonical(_ text: String) -> String? {
        guard let seconds = HTTPDate.seconds(rfc3339: text), (-62_135_596_800...253_402_300_799).contains(seconds)
        else { return nil }
        let end = text.utf8.dropFirst(19)
        var fraction: [UInt8] = []
        if end.first == UInt8(ascii: ".") { fraction = Array(end.dropFirst().prefix { (0x30...0x39).contains($0) }) }
        while fraction.last == UInt8(ascii: "0") { fraction.removeLast() }
        let second = (seconds % 86_400 + 86_400) % 86_400
        let day = (seconds - second) / 86_400
        let date = date(day)
        let time = [second / 3600, second / 60 % 60, second % 60].map { padded($0, 2) }.joined(separator: ":")
        let part = fraction.isEmpty ? "" : "." + String(decoding: fraction, as: UTF8.self)
        return "\(padded(date.year, 4))-\(padded(date.month, 2))-\(padded(date.day, 2))T\(time)\(part)Z"
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }

    /// Of a day since 1970-01-01 in the Gregorian calendar, with years that begin in March, so that the leap day is last.
    private static func date(_ day: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = day + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let year = yearOfEra + era * 400 + (month >= 10 ? 1 : 0)
        return (year, month < 10 ? month + 3 : month - 9, dayOfYear - (153 * month + 2) / 5 + 1)
    }
}
