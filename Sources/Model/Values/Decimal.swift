/// A decimal fraction held exactly, in which the language calculates: `0.1 + 0.2` is `0.3`.
struct Decimal: Equatable {
    /// Never with a zero as its last digit, but for zero itself.
    private(set) var significand: Int128
    private(set) var exponent: Int

    init(significand: Int128, exponent: Int) {
        self.significand = significand
        self.exponent = significand == 0 ? 0 : exponent
        while self.significand != 0, self.significand % 10 == 0 {
            self.significand /= 10
            self.exponent += 1
        }
    }

    init?(_ number: Number) {
        switch number {
        case .integer(let value): self.init(significand: Int128(value), exponent: 0)
        case .double(let value): self.init(parsing: value.description)
        }
    }

    /// Reads `-12.50e3`; nil where the text is no such number or has more digits than can be held.
    init?(parsing text: some StringProtocol) {
        var significand: Int128 = 0
        var exponent = 0
        var digits = 0
        var seenPoint = false
        var bytes = text.utf8[...]
        let negative = bytes.first == UInt8(ascii: "-")
        if negative || bytes.first == UInt8(ascii: "+") { bytes = bytes.dropFirst() }
        while let byte = bytes.first, byte | 0x20 != UInt8(ascii: "e") {
            bytes = bytes.dropFirst()
            if byte == UInt8(ascii: "."), !seenPoint {
                seenPoint = true
                continue
            }
            guard byte >= 0x30, byte <= 0x39 else { return nil }
            let (scaled, overflows) = significand.multipliedReportingOverflow(by: 10)
            let (sum, overflowsToo) = scaled.addingReportingOverflow(Int128(byte - 0x30))
            guard !overflows, !overflowsToo else { return nil }
            significand = sum
            digits += 1
            if seenPoint { exponent -= 1 }
        }
        guard digits > 0 else { return nil }
        if bytes.first != nil {
            guard let written = Int(String(decoding: bytes.dropFirst(), as: UTF8.self)), abs(written) < 10_000 else {
                return nil
            }
            exponent += written
        }
        self.init(significand: negative ? -significand : significand, exponent: exponent)
    }

    /// Whether the text uses only the signs of a decimal number (and is not `inf`, `nan` or hexadecimal).
    static func isWritten(_ text: some StringProtocol) -> Bool {
        text.utf8.allSatisfy { ($0 >= 0x30 && $0 <= 0x39) || [0x2B, 0x2D, 0x2E, 0x45, 0x65].contains($0) }
    }

    /// The number nearest to it; nil where it is a whole number that 64 bits cannot hold.
    var number: Number? {
        if exponent >= 0 {
            guard exponent < 20, let whole = scaled(by: exponent) else { return nil }
            return Int64(exactly: whole).map(Number.integer)
        }
        return Double("\(significand)e\(exponent)").flatMap(Number.init(checked:))
    }

    /// The significand times a power of ten.
    private func scaled(by power: Int) -> Int128? {
        var result = significand
        for _ in 0..<power {
            let (next, overflows) = result.multipliedReportingOverflow(by: 10)
            guard !overflows else { return nil }
            result = next
        }
        return result
    }

    /// Both as whole multiples of one power of ten.
    static func aligned(_ left: Decimal, _ right: Decimal) -> (left: Int128, right: Int128, exponent: Int)? {
        let exponent = min(left.exponent, right.exponent)
        guard left.exponent - exponent < 39, right.exponent - exponent < 39,
            let a = left.scaled(by: left.exponent - exponent), let b = right.scaled(by: right.exponent - exponent)
        else { return nil }
        return (a, b, exponent)
    }
}

/// Arithmetic: exact as long as the result can be held, nil where it would be a rounded whole number.
extension Number {
    public func adding(_ other: Number) -> Number? {
        if case (.integer(let a), .integer(let b)) = (self, other) {
            let (sum, overflows) = a.addingReportingOverflow(b)
            return overflows ? nil : .integer(sum)
        }
        guard let a = Decimal(self), let b = Decimal(other), let (left, right, exponent) = Decimal.aligned(a, b) else {
            return Number(checked: asDouble + other.asDouble)
        }
        let (sum, overflows) = left.addingReportingOverflow(right)
        return overflows
            ? Number(checked: asDouble + other.asDouble) : Decimal(significand: sum, exponent: exponent).number
    }

    /// The number with its sign turned.
    public var negated: Number? {
        switch self {
        case .integer(let value): value == .min ? nil : .integer(-value)
        case .double(let value): .double(-value)
        }
    }

    public func subtracting(_ other: Number) -> Number? {
        if case (.integer(let a), .integer(let b)) = (self, other) {
            let (difference, overflows) = a.subtractingReportingOverflow(b)
            return overflows ? nil : .integer(difference)
        }
        return other.negated.flatMap(adding)
    }

    public func multiplied(by other: Number) -> Number? {
        if case (.integer(let a), .integer(let b)) = (self, other) {
            let (product, overflows) = a.multipliedReportingOverflow(by: b)
            return overflows ? nil : .integer(product)
        }
        guard let a = Decimal(self), let b = Decimal(other) else { return Number(checked: asDouble * other.asDouble) }
        let (product, overflows) = a.significand.multipliedReportingOverflow(by: b.significand)
        return overflows
            ? Number(checked: asDouble * other.asDouble)
            : Decimal(significand: product, exponent: a.exponent + b.exponent).number
    }

    /// Nil also for a division by zero.
    public func divided(by other: Number) -> Number? {
        guard other.asDouble != 0 else { return nil }
        guard let a = Decimal(self), let b = Decimal(other), let (left, right, _) = Decimal.aligned(a, b) else {
            return Number(checked: asDouble / other.asDouble)
        }
        if left % right == 0 { return Int64(exactly: left / right).map(Number.integer) }
        return Number(checked: Double(left) / Double(right))
    }

    /// What a division leaves, with the sign of the dividend. Nil for a division by zero.
    public func remainder(dividingBy other: Number) -> Number? {
        guard other.asDouble != 0 else { return nil }
        guard let a = Decimal(self), let b = Decimal(other), let (left, right, exponent) = Decimal.aligned(a, b) else {
            return Number(checked: asDouble.truncatingRemainder(dividingBy: other.asDouble))
        }
        return Decimal(significand: left % right, exponent: exponent).number
    }
}
