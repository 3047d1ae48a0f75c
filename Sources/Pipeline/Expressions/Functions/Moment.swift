/// A point in time with the offset from UTC it was written with, to the nanosecond.
struct Moment {
    /// Seconds since 1970-01-01T00:00:00Z.
    private(set) var seconds: Int
    private(set) var nanoseconds: Int
    /// Seconds east of UTC.
    let offset: Int

    /// A day of the calendar and a time on it, as a clock at the offset shows them.
    struct Fields {
        let year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int
        /// 0 is Sunday.
        let weekday: Int
    }

    /// A point in time as UTC writes it.
    init(seconds: Int) {
        self.seconds = seconds
        nanoseconds = 0
        offset = 0
    }

    /// Reads RFC 3339: `2020-02-29T12:00:00Z`, `…00.5+02:00`.
    init?(parsing text: String) {
        var bytes = Array(text.utf8)[...]
        func number(_ count: Int) -> Int? {
            guard bytes.count >= count, bytes.prefix(count).allSatisfy(Lexer.isDigit) else { return nil }
            defer { bytes = bytes.dropFirst(count) }
            return bytes.prefix(count).reduce(0) { $0 * 10 + Int($1 - 0x30) }
        }
        func take(_ sign: Character) -> Bool {
            guard let byte = bytes.first, byte == sign.asciiValue else { return false }
            bytes = bytes.dropFirst()
            return true
        }
        guard let year = number(4), take("-"), let month = number(2), take("-"), let day = number(2), take("T"),
            let hour = number(2), take(":"), let minute = number(2), take(":"), let second = number(2),
            (1...12).contains(month), (1...Moment.days(month, year)).contains(day), hour < 24, minute < 60, second < 60
        else { return nil }
        var nanoseconds = 0
        if take(".") {
            let digits = bytes.prefix { Lexer.isDigit($0) }
            guard !digits.isEmpty else { return nil }
            var scale = 100_000_000
            for digit in digits {
                nanoseconds += Int(digit - 0x30) * scale
                scale /= 10
            }
            bytes = bytes.dropFirst(digits.count)
        }
        var offset = 0
        if !take("Z") {
            let isEast = bytes.first == UInt8(ascii: "+")
            guard take("+") || take("-"), let hours = number(2), take(":"), let minutes = number(2), hours < 24,
                minutes < 60
            else { return nil }
            offset = (hours * 3600 + minutes * 60) * (isEast ? 1 : -1)
        }
        guard bytes.isEmpty else { return nil }
        self.offset = offset
        self.nanoseconds = nanoseconds
        seconds = Moment.dayNumber(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset
    }

    /// The moment so many nanoseconds later.
    mutating func advance(by duration: Int) {
        let total = nanoseconds + duration % 1_000_000_000
        seconds += duration / 1_000_000_000 + Moment.floorDivision(total, 1_000_000_000)
        nanoseconds = total - Moment.floorDivision(total, 1_000_000_000) * 1_000_000_000
    }

    private static func floorDivision(_ a: Int, _ b: Int) -> Int { a >= 0 ? a / b : -((b - 1 - a) / b) }

    private static func days(_ month: Int, _ year: Int) -> Int {
        if month == 2 { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28 }
        return [4, 6, 9, 11].contains(month) ? 30 : 31
    }

    /// Days since 1970-01-01, counted in eras of 400 years that begin in March.
    private static func dayNumber(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = floorDivision(shifted, 400)
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    var fields: Fields {
        let local = seconds + offset
        let days = Moment.floorDivision(local, 86_400)
        let time = local - days * 86_400
        let shifted = days + 719_468
        let era = Moment.floorDivision(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let index = (5 * dayOfYear + 2) / 153
        let month = index < 10 ? index + 3 : index - 9
        return Fields(
            year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month: month,
            day: dayOfYear - (153 * index + 2) / 5 + 1,
            hour: time / 3600, minute: time / 60 % 60, second: time % 60,
            weekday: ((days % 7) + 11) % 7)
    }
}
