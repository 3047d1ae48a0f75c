/// The rule by which clocks are set in years to come, as POSIX writes it: `CET-1CEST,M3.5.0,M10.5.0/3`.
struct TimeZoneRule: Sendable {
    /// When in a year clocks are set.
    private struct Day: Sendable {
        enum Form: Sendable {
            /// Month, week (5 is the last), weekday.
            case weekday(Int, Int, Int)
            /// From 1, without the 29th of February.
            case julian(Int)
            /// From 0, with it.
            case ordinal(Int)
        }

        let form: Form
        /// Seconds after local midnight; may be negative, or more than a day.
        let seconds: Int

        /// In local seconds as if they were UTC.
        func local(in year: Int) -> Int {
            let day: Int
            switch form {
            case .weekday(let month, let week, let weekday):
                let first = CivilDay(year: year, month: month, day: 1)
                let next =
                    month == 12
                    ? CivilDay(year: year + 1, month: 1, day: 1) : CivilDay(year: year, month: month + 1, day: 1)
                var number = first.number + (weekday - first.weekday + 7) % 7 + (week - 1) * 7
                if number >= next.number { number -= 7 }
                day = number
            case .julian(let number):
                let isLeap =
                    CivilDay(year: year, month: 3, day: 1).number - CivilDay(year: year, month: 2, day: 1).number == 29
                day = CivilDay(year: year, month: 1, day: 1).number + number - 1 + (isLeap && number > 59 ? 1 : 0)
            case .ordinal(let number): day = CivilDay(year: year, month: 1, day: 1).number + number
            }
            return day * 86_400 + seconds
        }
    }

    /// Seconds east of UTC.
    private let standard: Int
    private let summer: (offset: Int, begin: Day, end: Day)?

    /// Nil for an empty or unknown one.
    init?(parsing text: String) {
        var reader = Reader(rest: Array(text.utf8)[...])
        guard reader.name(), let standard = reader.time() else { return nil }
        self.standard = -standard
        guard !reader.rest.isEmpty else {
            summer = nil
            return
        }
        guard reader.name() else { return nil }
        var offset = -standard + 3600
        if reader.rest.first != UInt8(ascii: ",") {
            guard let given = reader.time() else { return nil }
            offset = -given
        }
        guard let begin = reader.day(), let end = reader.day() else { return nil }
        summer = (offset, begin, end)
    }

    func offset(at time: Int) -> Int {
        guard let summer else { return standard }
        let year = CivilDay(containing: time + standard).date.year
        let begin = summer.begin.local(in: year) - standard
        let end = summer.end.local(in: year) - summer.offset
        // South of the equator summer lasts over the end of the year.
        let isSummer = begin < end ? (begin..<end).contains(time) : !(end..<begin).contains(time)
        return isSummer ? summer.offset : standard
    }

    /// Takes the parts of a rule from its text.
    private struct Reader {
        var rest: ArraySlice<UInt8>

        mutating func name() -> Bool {
            if rest.first == UInt8(ascii: "<") {
                guard let end = rest.firstIndex(of: UInt8(ascii: ">")) else { return false }
                rest = rest[(end + 1)...]
                return true
            }
            let letters = rest.prefix { ($0 | 0x20) >= 0x61 && ($0 | 0x20) <= 0x7A }
            rest = rest.dropFirst(letters.count)
            return letters.count >= 3
        }

        mutating func number() -> Int? {
            let digits = rest.prefix { $0 >= 0x30 && $0 <= 0x39 }
            rest = rest.dropFirst(digits.count)
            return digits.count > 4 ? nil : Int(String(decoding: digits, as: UTF8.self))
        }

        mutating func take(_ byte: Character) -> Bool {
            guard let ascii = byte.asciiValue, rest.first == ascii else { return false }
            rest = rest.dropFirst()
            return true
        }

        /// `-1`, `5:30`: in seconds.
        mutating func time() -> Int? {
            let sign = take("-") ? -1 : 1
            if sign == 1 { _ = take("+") }
            guard var seconds = number().map({ $0 * 3600 }) else { return nil }
            var unit = 60
            while unit > 0, take(":") {
                guard let part = number() else { return nil }
                seconds += part * unit
                unit /= 60
            }
            return sign * seconds
        }

        mutating func day() -> Day? {
            guard take(",") else { return nil }
            let form: Day.Form
            if take("M") {
                guard let month = number(), take("."), let week = number(), take("."), let weekday = number(),
                    (1...12).contains(month), (1...5).contains(week), (0...6).contains(weekday)
                else { return nil }
                form = .weekday(month, week, weekday)
            } else {
                let isJulian = take("J")
                guard let number = number() else { return nil }
                form = isJulian ? .julian(number) : .ordinal(number)
            }
            var seconds = 7200
            if take("/") {
                guard let given = time() else { return nil }
                seconds = given
            }
            return Day(form: form, seconds: seconds)
        }
    }
}
