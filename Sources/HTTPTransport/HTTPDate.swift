internal import Glibc

/// Reads the times that servers tell, in headers and in JSON.
public enum HTTPDate {
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Seconds since 1970.
    public static var now: Int { time(nil) }

    /// Seconds since 1970 of `Sun, 06 Nov 1994 08:49:37 GMT`; nil for anything else.
    public static func seconds(_ text: String) -> Int? {
        let parts = text.split(whereSeparator: { $0 == " " || $0 == "," || $0 == ":" })
        guard parts.count == 8, parts[7] == "GMT", let day = Int(parts[1]), (1...31).contains(day),
            let month = months.firstIndex(of: String(parts[2])), let year = Int(parts[3]), (1970...9999).contains(year),
            let hour = Int(parts[4]), let minute = Int(parts[5]), let second = Int(parts[6])
        else { return nil }
        return ((days(year: year, month: month + 1, day: day) * 24 + hour) * 60 + minute) * 60 + second
    }

    /// Seconds since 1970 of `2026-11-21T10:00:00.000000Z`, `2026-11-21T10:00:00+0100`, parts of seconds left out; nil for
    /// anything else.
    public static func seconds(rfc3339 text: String) -> Int? {
        let bytes = Array(text.utf8)
        func number(_ range: Range<Int>) -> Int? {
            guard range.upperBound <= bytes.count, bytes[range].allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else {
                return nil
            }
            return bytes[range].reduce(0) { $0 * 10 + Int($1 - 0x30) }
        }
        guard bytes.count >= 20, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
            bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":"), let year = number(0..<4), year >= 1970,
            let month = number(5..<7), (1...12).contains(month), let day = number(8..<10), (1...31).contains(day),
            let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19)
        else { return nil }
        let zone = bytes[19...].drop { $0 == UInt8(ascii: ".") || ($0 >= 0x30 && $0 <= 0x39) }
        guard let sign = zone.first else { return nil }
        var offset = 0
        if sign != UInt8(ascii: "Z"), sign != UInt8(ascii: "z") {
            let digits = zone.dropFirst().filter { $0 != UInt8(ascii: ":") }
            guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"), digits.count == 4,
                let packed = Int(String(decoding: digits, as: UTF8.self))
            else { return nil }
            offset = (packed / 100 * 60 + packed % 100) * 60 * (sign == UInt8(ascii: "-") ? -1 : 1)
        }
        return ((days(year: year, month: month, day: day) * 24 + hour) * 60 + minute) * 60 + second - offset
    }

    /// Days since 1970-01-01 in the Gregorian calendar, which begins its years in March here, so that the leap day is last.
    private static func days(year: Int, month: Int, day: Int) -> Int {
        let shifted = month > 2 ? year : year - 1
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}
