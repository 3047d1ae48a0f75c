import PlumbModel

/// Tells what a plain scalar is by the core schema of YAML 1.2 (section 10.3.2 of its specification).
enum CoreSchema {
    enum Resolution {
        case value(Value)
        /// An integer written with a leading zero, which YAML 1.1 reads as octal.
        case leadingZero(Value)
        case string
        /// An integer that 64 bits cannot hold, or a fraction that a double cannot.
        case tooLarge
        /// `.inf`, `.nan`.
        case notFinite
    }

    static func resolve(_ text: UnsafeBufferPointer<UInt8>) -> Resolution {
        guard let first = text.first else { return .value(.null) }
        switch first {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
            return number(text)
        case UInt8(ascii: "~"): return text.count == 1 ? .value(.null) : .string
        case UInt8(ascii: "n"), UInt8(ascii: "N"):
            return isAny(of: ["null", "Null", "NULL"], text) ? .value(.null) : .string
        case UInt8(ascii: "t"), UInt8(ascii: "T"):
            return isAny(of: ["true", "True", "TRUE"], text) ? .value(.bool(true)) : .string
        case UInt8(ascii: "f"), UInt8(ascii: "F"):
            return isAny(of: ["false", "False", "FALSE"], text) ? .value(.bool(false)) : .string
        default: return .string
        }
    }

    private static func isAny(of words: [StaticString], _ text: UnsafeBufferPointer<UInt8>) -> Bool {
        words.contains { word in
            word.utf8CodeUnitCount == text.count
                && UnsafeBufferPointer(start: word.utf8Start, count: text.count).elementsEqual(text)
        }
    }

    private static func number(_ text: UnsafeBufferPointer<UInt8>) -> Resolution {
        if text.count > 2, text[0] == UInt8(ascii: "0") {
            if text[1] == UInt8(ascii: "o") { return integer(text[2...], radix: 8) }
            if text[1] == UInt8(ascii: "x") { return integer(text[2...], radix: 16) }
        }
        var digits = text[...]
        if let sign = digits.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
            digits = digits.dropFirst()
        }
        if isNotFinite(digits, signed: digits.count < text.count) { return .notFinite }
        switch shape(of: digits) {
        case .none: return .string
        case .integer: return decimal(text, digits: digits)
        case .fraction:
            guard let value = Double(String(decoding: text, as: UTF8.self)), value.isFinite else { return .tooLarge }
            return .value(.number(Number(value)))
        }
    }

    private static func decimal(
        _ text: UnsafeBufferPointer<UInt8>, digits: Slice<UnsafeBufferPointer<UInt8>>
    ) -> Resolution {
        var value: Int64 = 0
        let isNegative = text[0] == UInt8(ascii: "-")
        for digit in digits {
            // Counted downwards for negative numbers: the smallest has no positive counterpart.
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let step = Int64(digit - UInt8(ascii: "0"))
            let (sum, carry) =
                isNegative ? product.subtractingReportingOverflow(step) : product.addingReportingOverflow(step)
            if overflow || carry { return .tooLarge }
            value = sum
        }
        let number = Value.number(Number.integer(value))
        return digits.count > 1 && digits.first == UInt8(ascii: "0") ? .leadingZero(number) : .value(number)
    }

    private static func integer(_ digits: Slice<UnsafeBufferPointer<UInt8>>, radix: Int) -> Resolution {
        let areDigits = digits.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "7"): true
            case UInt8(ascii: "8"), UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
                UInt8(ascii: "A")...UInt8(ascii: "F"):
                radix == 16
            default: false
            }
        }
        guard areDigits else { return .string }
        guard let value = Int64(String(decoding: digits, as: UTF8.self), radix: radix) else { return .tooLarge }
        return .value(.number(Number.integer(value)))
    }

    private static func isNotFinite(_ digits: Slice<UnsafeBufferPointer<UInt8>>, signed: Bool) -> Bool {
        guard digits.count == 4, digits.first == UInt8(ascii: ".") else { return false }
        let word = String(decoding: digits.dropFirst(), as: UTF8.self)
        return ["inf", "Inf", "INF"].contains(word) || (!signed && ["nan", "NaN", "NAN"].contains(word))
    }

    private enum Shape { case none, integer, fraction }

    /// `[0-9]+`, or `( \.[0-9]+ | [0-9]+(\.[0-9]*)? )([eE][-+]?[0-9]+)?`
    private static func shape(of digits: Slice<UnsafeBufferPointer<UInt8>>) -> Shape {
        var rest = digits
        let whole = takeDigits(&rest)
        if rest.isEmpty { return whole > 0 ? .integer : .none }
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            let fraction = takeDigits(&rest)
            guard whole > 0 || fraction > 0 else { return .none }
        }
        guard let next = rest.first else { return .fraction }
        guard whole > 0 || rest.startIndex > digits.startIndex else { return .none }
        guard next == UInt8(ascii: "e") || next == UInt8(ascii: "E") else { return .none }
        rest = rest.dropFirst()
        if let sign = rest.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { rest = rest.dropFirst() }
        return takeDigits(&rest) > 0 && rest.isEmpty ? .fraction : .none
    }

    private static func takeDigits(_ rest: inout Slice<UnsafeBufferPointer<UInt8>>) -> Int {
        var count = 0
        while let byte = rest.first, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
            rest = rest.dropFirst()
            count += 1
        }
        return count
    }
}
