import PlumbModel

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Fills in the verbs of `format`: `%s`, `%05d`, `%-10q`, `%[2]v`.
struct Formatter {
    private let format: [UInt8]

    init(_ format: String) { self.format = Array(format.utf8) }

    /// One `%…` of the format.
    private struct Verb {
        var isSharp = false, isZero = false, isLeft = false, isSigned = false, isSpaced = false
        var width = 0
        var precision: Int?
        var argument: Int?
        var letter: UInt8 = 0
        var text = ""
    }

    func format(_ values: [Value]) throws(FunctionError) -> String {
        var output: [UInt8] = []
        var offset = 0
        var next = 0
        var used = 0
        while offset < format.count {
            guard format[offset] == UInt8(ascii: "%") else {
                output.append(format[offset])
                offset += 1
                continue
            }
            let verb = try verb(&offset)
            if verb.letter == UInt8(ascii: "%") {
                output.append(verb.letter)
                continue
            }
            let index = verb.argument ?? next
            guard values.indices.contains(index) else {
                throw FunctionError("there is no value \(index + 1) for \(verb.text)", argument: 0)
            }
            next = index + 1
            used = max(used, next)
            output.append(contentsOf: try Formatter.rendered(values[index], verb, index).utf8)
            try StringFunctions.bound(output.count)
        }
        guard used == values.count else {
            throw FunctionError(
                "\(values.count) values are given, but the format uses only \(used)", argument: used + 1)
        }
        return String(decoding: output, as: UTF8.self)
    }

    private func verb(_ offset: inout Int) throws(FunctionError) -> Verb {
        var verb = Verb()
        let start = offset
        offset += 1
        flags: while offset < format.count {
            switch format[offset] {
            case UInt8(ascii: "#"): verb.isSharp = true
            case UInt8(ascii: "0"): verb.isZero = true
            case UInt8(ascii: "-"): verb.isLeft = true
            case UInt8(ascii: "+"): verb.isSigned = true
            case UInt8(ascii: " "): verb.isSpaced = true
            default: break flags
            }
            offset += 1
        }
        verb.argument = try argument(&offset)
        verb.width = try number(&offset) ?? 0
        if offset < format.count, format[offset] == UInt8(ascii: ".") {
            offset += 1
            verb.precision = try number(&offset) ?? 0
        }
        if verb.argument == nil { verb.argument = try argument(&offset) }
        let text = String(decoding: format[start..<min(offset + 1, format.count)], as: UTF8.self)
        guard offset < format.count, "vtbdoxXeEfgGsq%".utf8.contains(format[offset]) else {
            throw FunctionError(
                "\"\(text)\" is no verb; there are %v %s %q %d %b %o %x %X %e %f %g %t and %%", argument: 0)
        }
        verb.letter = format[offset]
        verb.text = text
        offset += 1
        return verb
    }

    /// `[2]`, from 0.
    private func argument(_ offset: inout Int) throws(FunctionError) -> Int? {
        guard offset < format.count, format[offset] == UInt8(ascii: "[") else { return nil }
        offset += 1
        guard let index = try number(&offset), index > 0, offset < format.count, format[offset] == UInt8(ascii: "]")
        else {
            throw FunctionError("a value is chosen with its number in brackets, from 1: %[1]s", argument: 0)
        }
        offset += 1
        return index - 1
    }

    private func number(_ offset: inout Int) throws(FunctionError) -> Int? {
        var result: Int?
        while offset < format.count, Lexer.isDigit(format[offset]) {
            let value = (result ?? 0) * 10 + Int(format[offset] - 0x30)
            guard value <= Bounds.formatWidth else {
                throw FunctionError("widths and precisions go up to \(Bounds.formatWidth)", argument: 0)
            }
            result = value
            offset += 1
        }
        return result
    }

    // MARK: - Rendering

    private static func rendered(_ value: Value, _ verb: Verb, _ index: Int) throws(FunctionError) -> String {
        switch verb.letter {
        case UInt8(ascii: "v"): return pad(general(value, verb), verb, isNumber: false)
        case UInt8(ascii: "t"):
            return pad(
                try converted(value, .bool, verb, index).asBool == true ? "true" : "false", verb, isNumber: false)
        case UInt8(ascii: "s"), UInt8(ascii: "q"): return try string(value, verb, index)
        case UInt8(ascii: "d"), UInt8(ascii: "b"), UInt8(ascii: "o"), UInt8(ascii: "x"), UInt8(ascii: "X"):
            if verb.letter | 0x20 == UInt8(ascii: "x"), let text = value.asString, Number(parsing: text) == nil {
                return pad(hex(Array(text.utf8), upper: verb.letter == UInt8(ascii: "X")), verb, isNumber: false)
            }
            return try integer(value, verb, index)
        default: return try fraction(value, verb, index)
        }
    }

    private static func converted(
        _ value: Value, _ type: ValueType, _ verb: Verb, _ index: Int
    ) throws(FunctionError) -> Value {
        guard !value.isNull else {
            throw FunctionError("\(verb.text) needs \(type.phrase), not null", argument: index + 1)
        }
        do {
            return try value.converted(to: type)
        } catch {
            throw FunctionError("\(verb.text): \(error.message)", argument: index + 1)
        }
    }

    private static func general(_ value: Value, _ verb: Verb) -> String {
        if verb.isSharp { return value.json }
        return switch value.kind {
        case .string(let text): text
        default: value.json
        }
    }

    private static func string(_ value: Value, _ verb: Verb, _ index: Int) throws(FunctionError) -> String {
        var text = try converted(value, .string, verb, index).asString ?? ""
        if let precision = verb.precision { text = String(text.prefix(precision)) }
        if verb.letter == UInt8(ascii: "q") { text = Value.string(text).json }
        return pad(text, verb, isNumber: false)
    }

    private static func integer(_ value: Value, _ verb: Verb, _ index: Int) throws(FunctionError) -> String {
        guard case .integer(let number)? = try converted(value, .number, verb, index).asNumber else {
            throw FunctionError("\(verb.text) needs a whole number", argument: index + 1)
        }
        let radix: Int
        switch verb.letter {
        case UInt8(ascii: "b"): radix = 2
        case UInt8(ascii: "o"): radix = 8
        case UInt8(ascii: "x"), UInt8(ascii: "X"): radix = 16
        default: radix = 10
        }
        var digits = String(number.magnitude, radix: radix, uppercase: verb.letter == UInt8(ascii: "X"))
        if verb.isSharp, radix == 16 { digits = (verb.letter == UInt8(ascii: "X") ? "0X" : "0x") + digits }
        if verb.isSharp, radix == 8 { digits = "0" + digits }
        return pad(signed(digits, number < 0, verb), verb, isNumber: true)
    }

    private static func fraction(_ value: Value, _ verb: Verb, _ index: Int) throws(FunctionError) -> String {
        let number = try converted(value, .number, verb, index).asNumber ?? Number(0)
        let magnitude = number.asDouble.magnitude
        let letter = String(UnicodeScalar(verb.letter))
        let isGeneral = verb.letter | 0x20 == UInt8(ascii: "g")
        let digits: String
        if isGeneral, verb.precision == nil {
            digits = shortest(magnitude, upper: verb.letter == UInt8(ascii: "G"))
        } else {
            digits = printed("%.\(verb.precision ?? 6)\(letter)", magnitude)
        }
        return pad(signed(digits, number < Number(0), verb), verb, isNumber: true)
    }

    /// As many digits as tell the number from its neighbours; with an exponent below 1e-4 and from 1e21 on.
    private static func shortest(_ value: Double, upper: Bool) -> String {
        if value == 0 || (value >= 1e-4 && value < 1e21) { return Number(value).description }
        for precision in 0..<17 {
            let text = printed("%.\(precision)e", value)
            if Double(text) == value { return upper ? text.uppercased() : text }
        }
        return printed("%.17e", value)
    }

    private static func printed(_ format: String, _ value: Double) -> String {
        withVaList([value]) { list in
            var buffer = [CChar](repeating: 0, count: 400 + Bounds.formatWidth)
            let count = vsnprintf(&buffer, buffer.count, format, list)
            return String(decoding: buffer.prefix(max(0, Int(count))).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }

    private static func signed(_ digits: String, _ isNegative: Bool, _ verb: Verb) -> String {
        isNegative ? "-" + digits : verb.isSigned ? "+" + digits : verb.isSpaced ? " " + digits : digits
    }

    private static func pad(_ text: String, _ verb: Verb, isNumber: Bool) -> String {
        let missing = verb.width - text.count
        guard missing > 0 else { return text }
        if verb.isLeft { return text + String(repeating: " ", count: missing) }
        guard verb.isZero else { return String(repeating: " ", count: missing) + text }
        let sign = isNumber ? text.prefix { "+- ".contains($0) } : ""
        return sign + String(repeating: "0", count: missing) + text.dropFirst(sign.count)
    }

    static func hex(_ bytes: some Sequence<UInt8>, upper: Bool = false) -> String {
        let digits = Array((upper ? "0123456789ABCDEF" : "0123456789abcdef").utf8)
        var text: [UInt8] = []
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}
