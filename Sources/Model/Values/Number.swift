/// A number of the language: an exact 64-bit integer, or a double where it has a fraction.
///
/// A whole number is never rounded: one that 64 bits cannot hold is refused where it would come into being.
public enum Number: Sendable {
    case integer(Int64)
    /// Never a whole number that fits into 64 bits: `init(_: Double)` turns such into `integer`.
    case double(Double)

    public init(_ value: Int) { self = .integer(Int64(value)) }

    public init(_ value: Double) {
        self = Int64(exactly: value).map(Number.integer) ?? .double(value)
    }

    /// The number nearest to a double; nil where it is infinite, none, or too large a whole number to be exact.
    public init?(checked value: Double) {
        guard value.magnitude < 0x1p63 else { return nil }
        self.init(value)
    }

    /// Reads a decimal number as JSON and the expression language write it; nil where the text is none, or is a whole
    /// number that 64 bits cannot hold. Fractions are rounded to the nearest double.
    public init?(parsing text: some StringProtocol) {
        if let whole = Int64(text) {
            self = .integer(whole)
        } else if let decimal = Decimal(parsing: text), let number = decimal.number {
            self = number
        } else if let value = Double(text), Decimal.isWritten(text), let number = Number(checked: value) {
            // Too many digits for exact arithmetic: what is left is a fraction, or a whole number written at length.
            guard case .double = number else { return nil }
            self = number
        } else {
            return nil
        }
    }

    /// Reads a decimal number; nil also where a fraction has more digits than a double keeps.
    public init?(exactly text: String) {
        guard let decimal = Decimal(parsing: text), let number = decimal.number, Decimal(number) == decimal else {
            return nil
        }
        self = number
    }

    public var asDouble: Double {
        switch self {
        case .integer(let value): Double(value)
        case .double(let value): value
        }
    }

    /// The whole number it is, if it is one that fits.
    public var asInt: Int? {
        if case .integer(let value) = self { Int(exactly: value) } else { nil }
    }
}

extension Number: Hashable, Comparable {
    public static func < (left: Number, right: Number) -> Bool {
        if case (.integer(let a), .integer(let b)) = (left, right) { return a < b }
        return left.asDouble < right.asDouble
    }
}

extension Number: CustomStringConvertible {
    /// Decimal digits without an exponent, as the language converts a number to a string.
    public var description: String {
        switch self {
        case .integer(let value): return String(value)
        case .double(let value):
            let short = value.description
            guard let e = short.firstIndex(where: { $0 == "e" || $0 == "E" }) else { return short }
            return Number.expand(mantissa: short[..<e], exponent: Int(short[short.index(after: e)...]) ?? 0)
        }
    }

    private static func expand(mantissa: Substring, exponent: Int) -> String {
        let negative = mantissa.hasPrefix("-")
        let parts = (negative ? mantissa.dropFirst() : mantissa).split(separator: ".", omittingEmptySubsequences: false)
        let fraction = parts.count > 1 && parts[1] != "0" ? parts[1] : ""
        let digits = parts[0] + fraction
        let point = parts[0].count + exponent
        let body: String
        if point <= 0 {
            body = "0." + String(repeating: "0", count: -point) + digits
        } else if point >= digits.count {
            body = digits + String(repeating: "0", count: point - digits.count)
        } else {
            body = digits.prefix(point) + "." + digits.dropFirst(point)
        }
        return (negative ? "-" : "") + body
    }
}
