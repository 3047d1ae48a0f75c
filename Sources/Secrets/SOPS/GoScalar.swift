/// An unquoted text as SOPS reads it, by the rules of Go's yaml.v3: the authentication code is made of what comes out.
///
/// They are wider than those of YAML 1.2: `0777` is octal, `1_000` is a number, `2001-01-01` is a time.
enum GoScalar {
    /// What the code is made of; nil for null, of which it is not made.
    static func codeText(_ text: String) -> String? {
        if ["", "~", "null", "Null", "NULL"].contains(text) { return nil }
        if ["true", "True", "TRUE"].contains(text) { return "True" }
        if ["false", "False", "FALSE"].contains(text) { return "False" }
        guard let first = text.utf8.first, "0123456789+-.".utf8.contains(first) else { return text }
        return GoTime.codeText(text) ?? number(text) ?? text
    }

    /// Whether the text, unquoted, is a string for SOPS.
    static func isString(_ text: String) -> Bool {
        guard let code = codeText(text), code == text else { return false }
        let isNumber = text.utf8.first.map { "0123456789+-.".utf8.contains($0) } ?? false
        return !isNumber || (GoTime.codeText(text) == nil && number(text) == nil)
    }

    private static func number(_ text: String) -> String? {
        let plain = text.replacing("_", with: "")
        if let whole = integer(plain) { return String(whole) }
        guard isFloat(plain), let value = Double(plain), value.isFinite else { return nil }
        return digits(value)
    }

    private static func integer(_ text: String) -> Int64? {
        let isNegative = text.hasPrefix("-")
        let digits = isNegative || text.hasPrefix("+") ? text.dropFirst() : text[...]
        guard let first = digits.utf8.first, (0x30...0x39).contains(first) else { return nil }
        let sign = isNegative ? "-" : ""
        let lower = digits.lowercased()
        for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] where lower.hasPrefix(prefix) {
            return digitsOnly(lower.dropFirst(2)) ? Int64(sign + lower.dropFirst(2), radix: radix) : nil
        }
        if digits.utf8.count > 1, first == 0x30, let octal = Int64(sign + digits, radix: 8) { return octal }
        // With a leading zero and an 8 it is no octal number, and no other.
        return digits.utf8.count > 1 && first == 0x30 ? nil : Int64(sign + digits)
    }

    private static func digitsOnly(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.first != UInt8(ascii: "-") && text.utf8.first != UInt8(ascii: "+")
    }

    /// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
    private static func isFloat(_ text: String) -> Bool {
        var rest = Array(text.utf8)[...]
        func takeDigits() -> Int {
            let count = rest.prefix { (0x30...0x39).contains($0) }.count
            rest = rest.dropFirst(count)
            return count
        }
        func takeSign() { if rest.first == 0x2B || rest.first == 0x2D { rest = rest.dropFirst() } }
        takeSign()
        let whole = takeDigits()
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            guard takeDigits() + whole > 0 else { return false }
        } else if whole == 0 {
            return false
        }
        guard rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") else { return rest.isEmpty }
        rest = rest.dropFirst()
        takeSign()
        return takeDigits() > 0 && rest.isEmpty
    }

    /// The shortest digits that give the number back, without an exponent.
    static func digits(_ value: Double) -> String {
        let short = value.description
        let parts = short.split(separator: "e")
        guard parts.count == 2, let exponent = Int(parts[1]) else {
            return short.hasSuffix(".0") ? String(short.dropLast(2)) : short
        }
        let sign = parts[0].hasPrefix("-") ? "-" : ""
        let mantissa = parts[0].drop { $0 == "-" }.split(separator: ".")
        let fraction = mantissa.count > 1 && mantissa[1] != "0" ? mantissa[1] : ""
        let all = mantissa[0] + fraction
        let point = mantissa[0].count + exponent
        if point <= 0 { return sign + "0." + String(repeating: "0", count: -point) + all }
        if point >= all.count { return sign + all + String(repeating: "0", count: point - all.count) }
        return sign + all.prefix(point) + "." + all.dropFirst(point)
    }
}

/// A moment as yaml.v3 reads it from unquoted text and Go writes it.
enum GoTime {
    private struct Reader {
        var rest: ArraySlice<UInt8>

        mutating func take(_ byte: UInt8) -> Bool {
            guard rest.first == byte else { return false }
            rest = rest.dropFirst()
            return true
        }

        mutating func number(_ digits: ClosedRange<Int>, in values: ClosedRange<Int>) -> Int? {
            let found = rest.prefix(digits.upperBound).prefix { (0x30...0x39).contains($0) }
            guard found.count >= digits.lowerBound else { return nil }
            rest = rest.dropFirst(found.count)
            let value = found.reduce(0) { $0 * 10 + Int($1 - 0x30) }
            return values.contains(value) ? value : nil
        }
    }

    /// RFC 3339; nil for what is no moment.
    static func codeText(_ text: String) -> String? {
        var reader = Reader(rest: Array(text.utf8)[...])
        guard let year = reader.number(4...4, in: 0...9999), reader.take(0x2D),
            let month = reader.number(1...2, in: 1...12), reader.take(0x2D),
            let day = reader.number(1...2, in: 1...days(in: month, of: year))
        else { return nil }
        let date = "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
        if reader.rest.isEmpty { return date + "T00:00:00Z" }
        let hasZone = reader.rest.first != 0x20
        guard let separator = reader.rest.first, [0x54, 0x74, 0x20].contains(separator), reader.take(separator),
            let hour = reader.number(1...2, in: 0...23), reader.take(0x3A),
            let minute = reader.number(1...2, in: 0...59), reader.take(0x3A),
            let second = reader.number(1...2, in: 0...59)
        else { return nil }
        var fraction = ""
        if reader.take(UInt8(ascii: ".")) {
            let found = reader.rest.prefix { (0x30...0x39).contains($0) }
            guard (1...9).contains(found.count) else { return nil }
            reader.rest = reader.rest.dropFirst(found.count)
            fraction = String(decoding: found, as: UTF8.self)
            while fraction.hasSuffix("0") { fraction.removeLast() }
        }
        let time = "T\(padded(hour, 2)):\(padded(minute, 2)):\(padded(second, 2))"
        guard let zone = hasZone ? zone(&reader) : "Z", reader.rest.isEmpty else { return nil }
        return date + time + (fraction.isEmpty ? "" : ".") + fraction + zone
    }

    private static func zone(_ reader: inout Reader) -> String? {
        if reader.take(UInt8(ascii: "Z")) { return "Z" }
        guard let sign = reader.rest.first, sign == 0x2B || sign == 0x2D, reader.take(sign),
            let hours = reader.number(2...2, in: 0...23), reader.take(0x3A),
            let minutes = reader.number(2...2, in: 0...59)
        else { return nil }
        if hours == 0, minutes == 0 { return "Z" }
        return (sign == 0x2B ? "+" : "-") + padded(hours, 2) + ":" + padded(minutes, 2)
    }

    private static func days(in month: Int, of year: Int) -> Int {
        if month == 2 { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28 }
        return [4, 6, 9, 11].contains(month) ? 30 : 31
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
