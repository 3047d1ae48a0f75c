import PlumbModel

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Functions on points in time, written as RFC 3339 has it.
enum TimeFunctions {
    private static let moment = Function.Parameter("timestamp", .string)

    static let all: [Function] = [
        Function("timestamp", [], returns: .string, waitsForApply: true) { (arguments) throws(FunctionError) in
            .string(try format(written, Moment(seconds: now())))
        },
        Function("plantimestamp", [], returns: .string, .decides) { (arguments) throws(FunctionError) in
            guard let time = arguments.surroundings.plannedAt else { return .unknown(.string) }
            return .string(try format(written, Moment(seconds: Int(time))))
        },
        Function("formatdate", [Function.Parameter("format", .string), moment], returns: .string) {
            (arguments) throws(FunctionError) in
            .string(try format(arguments.string(0), try moment(arguments, 1)))
        },
        Function("timeadd", [moment, Function.Parameter("duration", .string)], returns: .string) {
            (arguments) throws(FunctionError) in
            var moment = try moment(arguments, 0)
            guard let duration = duration(arguments.string(1)) else {
                throw FunctionError("a duration is written like \"1h30m\", with h, m, s, ms, us, ns", argument: 1)
            }
            moment.advance(by: duration)
            return .string(try format(written, moment))
        },
        Function("timecmp", [moment, moment], returns: .number) { (arguments) throws(FunctionError) in
            let (a, b) = (try moment(arguments, 0), try moment(arguments, 1))
            let (left, right) = ((a.seconds, a.nanoseconds), (b.seconds, b.nanoseconds))
            return .number(left < right ? -1 : right < left ? 1 : 0)
        },
    ]

    /// RFC 3339.
    private static let written = "YYYY-MM-DD'T'hh:mm:ssZ"

    /// Seconds since 1970.
    private static func now() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return time.tv_sec
    }

    private static func moment(_ arguments: Arguments, _ index: Int) throws(FunctionError) -> Moment {
        if let moment = Moment(parsing: arguments.string(index)) { return moment }
        throw FunctionError(
            "\(arguments[index].json) is no timestamp; it is written like \"2020-02-29T12:00:00Z\"", argument: index)
    }

    /// Nanoseconds; nil where the text is no duration or too long a one.
    private static func duration(_ text: String) -> Int? {
        var bytes = Array(text.utf8)[...]
        let isNegative = bytes.first == UInt8(ascii: "-")
        if isNegative || bytes.first == UInt8(ascii: "+") { bytes = bytes.dropFirst() }
        if bytes.elementsEqual("0".utf8) { return 0 }
        var total = 0.0
        guard !bytes.isEmpty else { return nil }
        while !bytes.isEmpty {
            let digits = bytes.prefix { Lexer.isDigit($0) || $0 == UInt8(ascii: ".") }
            bytes = bytes.dropFirst(digits.count)
            let unit = bytes.prefix { !Lexer.isDigit($0) && $0 != UInt8(ascii: ".") }
            bytes = bytes.dropFirst(unit.count)
            guard let count = Double(String(decoding: digits, as: UTF8.self)),
                let scale = units[String(decoding: unit, as: UTF8.self)]
            else { return nil }
            total += count * scale
        }
        return Int(exactly: (isNegative ? -total : total).rounded())
    }

    private static let units: [String: Double] = [
        "ns": 1, "us": 1e3, "µs": 1e3, "μs": 1e3, "ms": 1e6, "s": 1e9, "m": 60e9, "h": 3600e9,
    ]

    // MARK: - Formatting

    private static func format(_ format: String, _ moment: Moment) throws(FunctionError) -> String {
        let letters = Array(format.unicodeScalars)
        var output = String.UnicodeScalarView()
        var offset = 0
        while offset < letters.count {
            let letter = letters[offset]
            if letter == "'" {
                try quoted(letters, &offset, into: &output)
                continue
            }
            guard ("a"..."z").contains(letter) || ("A"..."Z").contains(letter) else {
                output.append(letter)
                offset += 1
                continue
            }
            let count = letters[offset...].prefix { $0 == letter }.count
            output.append(contentsOf: try field(letter, count, moment).unicodeScalars)
            offset += count
        }
        return String(output)
    }

    /// Text in single quotes stands for itself; two of them are one.
    private static func quoted(
        _ letters: [Unicode.Scalar], _ offset: inout Int, into output: inout String.UnicodeScalarView
    ) throws(FunctionError) {
        offset += 1
        while offset < letters.count {
            guard letters[offset] == "'" else {
                output.append(letters[offset])
                offset += 1
                continue
            }
            offset += 1
            guard offset < letters.count, letters[offset] == "'" else { return }
            output.append("'")
            offset += 1
        }
        throw FunctionError("a quote in the format is never closed", argument: 0)
    }

    private static func field(_ letter: Unicode.Scalar, _ count: Int, _ moment: Moment) throws(FunctionError) -> String
    {
        let fields = moment.fields
        let twelve = fields.hour % 12 == 0 ? 12 : fields.hour % 12
        switch (letter, count) {
        case ("Y", 4): return padded(fields.year, 4)
        case ("Y", 2): return padded(fields.year % 100, 2)
        case ("M", 4): return months[fields.month - 1]
        case ("M", 3): return String(months[fields.month - 1].prefix(3))
        case ("M", 1...2): return padded(fields.month, count)
        case ("D", 1...2): return padded(fields.day, count)
        case ("E", 4): return weekdays[fields.weekday]
        case ("E", 3): return String(weekdays[fields.weekday].prefix(3))
        case ("h", 1...2): return padded(fields.hour, count)
        case ("H", 1...2): return padded(twelve, count)
        case ("A", 2): return fields.hour < 12 ? "AM" : "PM"
        case ("a", 2): return fields.hour < 12 ? "am" : "pm"
        case ("m", 1...2): return padded(fields.minute, count)
        case ("s", 1...2): return padded(fields.second, count)
        case ("Z", 1): return moment.offset == 0 ? "Z" : zone(moment.offset, ":")
        case ("Z", 3): return moment.offset == 0 ? "UTC" : zone(moment.offset, "")
        case ("Z", 4): return zone(moment.offset, "")
        case ("Z", 5): return zone(moment.offset, ":")
        default:
            throw FunctionError(
                "\"\(String(repeating: String(letter), count: count))\" is no part of a date; text that stands for itself is "
                    + "put in single quotes", argument: 0)
        }
    }

    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]

    private static let weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }

    private static func zone(_ offset: Int, _ separator: String) -> String {
        let minutes = offset.magnitude / 60
        return (offset < 0 ? "-" : "+") + padded(Int(minutes / 60), 2) + separator + padded(Int(minutes % 60), 2)
    }
}
