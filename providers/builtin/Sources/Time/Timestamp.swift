#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A moment to the second in UTC, with RFC 3339 as its text. By hand, because Foundation's formatters carry ICU along.
struct Timestamp: Hashable, Comparable, Sendable {
    /// Since 1970-01-01T00:00:00Z, without leap seconds.
    let unix: Int64

    init(unix: Int64) { self.unix = unix }

    static func < (left: Timestamp, right: Timestamp) -> Bool { left.unix < right.unix }

    static var current: Timestamp {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return Timestamp(unix: Int64(now.tv_sec))
    }

    /// Years 0 to 9999: what RFC 3339 can write.
    static let writable = Timestamp(unix: -62_167_219_200)...Timestamp(unix: 253_402_300_799)

    func adding(seconds: Int64) -> Timestamp? {
        let (sum, overflow) = unix.addingReportingOverflow(seconds)
        let result = Timestamp(unix: sum)
        return !overflow && Timestamp.writable.contains(result) ? result : nil
    }

    /// On the same day of a later month, or on that month's last day where it is shorter.
    func adding(months: Int) -> Timestamp? {
        var parts = CivilTime(self)
        let (count, overflow) = (parts.year * 12 + parts.month - 1).addingReportingOverflow(months)
        guard !overflow, (0..<120_000).contains(count) else { return nil }
        parts.year = count / 12
        parts.month = count % 12 + 1
        parts.day = min(parts.day, CivilTime.days(inMonth: parts.month, of: parts.year))
        return parts.timestamp
    }
}

/// The calendar's view of a moment in UTC.
struct CivilTime: Hashable, Sendable {
    var year: Int
    var month: Int
    var day: Int
    var hour: Int
    var minute: Int
    var second: Int

    init(year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0) {
        self.year = year
        self.month = month
        self.day = day
        self.hour = hour
        self.minute = minute
        self.second = second
    }

    /// The Gregorian calendar counted in eras of 400 years that begin on 1 March, so that the leap day comes last.
    init(_ moment: Timestamp) {
        let (days, seconds) = CivilTime.divide(Int(moment.unix), by: 86_400)
        let (era, dayOfEra) = CivilTime.divide(days + 719_468, by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shifted + 2) / 5 + 1
        month = shifted < 10 ? shifted + 3 : shifted - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        hour = seconds / 3600
        minute = seconds / 60 % 60
        second = seconds % 60
    }

    var timestamp: Timestamp {
        let shiftedYear = month <= 2 ? year - 1 : year
        let (era, yearOfEra) = CivilTime.divide(shiftedYear, by: 400)
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        let days = era * 146_097 + dayOfEra - 719_468
        return Timestamp(unix: Int64(days * 86_400 + hour * 3600 + minute * 60 + second))
    }

    static func days(inMonth month: Int, of year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Quotient and remainder, the remainder never negative.
    private static func divide(_ value: Int, by divisor: Int) -> (Int, Int) {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}

extension Timestamp {
    /// `2026-01-31T23:59:00Z`
    var rfc3339: String {
        let parts = CivilTime(self)
        func pad(_ number: Int, _ width: Int = 2) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        return "\(pad(parts.year, 4))-\(pad(parts.month))-\(pad(parts.day))T"
            + "\(pad(parts.hour)):\(pad(parts.minute)):\(pad(parts.second))Z"
    }

    /// Reads RFC 3339 with any offset; parts of a second are dropped. Nil where the text is none.
    init?(rfc3339 text: String) {
        var rest = Array(text.utf8)[...]
        func number(_ digits: Int, in range: ClosedRange<Int>) -> Int? {
            guard rest.count >= digits, rest.prefix(digits).allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
            let value = rest.prefix(digits).reduce(0) { $0 * 10 + Int($1 - 0x30) }
            rest = rest.dropFirst(digits)
            return range.contains(value) ? value : nil
        }
        func take(_ characters: StaticString...) -> Bool {
            guard let first = rest.first, characters.contains(where: { $0.utf8Start.pointee == first }) else {
                return false
            }
            rest = rest.dropFirst()
            return true
        }
        guard let year = number(4, in: 0...9999), take("-"), let month = number(2, in: 1...12), take("-"),
            let day = number(2, in: 1...CivilTime.days(inMonth: month, of: year)), take("T", "t", " "),
            let hour = number(2, in: 0...23), take(":"), let minute = number(2, in: 0...59), take(":"),
            let second = number(2, in: 0...60)
        else { return nil }
        if take(".") {
            let fraction = rest.prefix { $0 >= 0x30 && $0 <= 0x39 }
            guard !fraction.isEmpty else { return nil }
            rest = rest.dropFirst(fraction.count)
        }
        var offset = 0
        if !take("Z", "z") {
            let isNegative = rest.first == UInt8(ascii: "-")
            guard take("+", "-"), let hours = number(2, in: 0...23), take(":"), let minutes = number(2, in: 0...59)
            else {
                return nil
            }
            offset = (hours * 60 + minutes) * 60 * (isNegative ? -1 : 1)
        }
        guard rest.isEmpty else { return nil }
        let civil = CivilTime(year: year, month: month, day: day, hour: hour, minute: minute, second: second)
        self = Timestamp(unix: civil.timestamp.unix - Int64(offset))
    }
}
