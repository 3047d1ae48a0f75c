import PlumbModel

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Functions on numbers.
enum NumberFunctions {
    private static let one = [Function.Parameter("number", .number)]

    static let all: [Function] = [
        Function("abs", one, returns: .number) { (arguments) throws(FunctionError) in
            let number = arguments.number(0)
            return .number(try exact(number < Number(0) ? number.negated : number))
        },
        Function("ceil", one, returns: .number) { (arguments) throws(FunctionError) in
            .number(try exact(Number(checked: arguments.number(0).asDouble.rounded(.up)), arguments.number(0)))
        },
        Function("floor", one, returns: .number) { (arguments) throws(FunctionError) in
            .number(try exact(Number(checked: arguments.number(0).asDouble.rounded(.down)), arguments.number(0)))
        },
        Function("signum", one, returns: .number) { (arguments) throws(FunctionError) in
            .number(try arguments.int(0).signum())
        },
        Function("log", [Function.Parameter("number", .number), Function.Parameter("base", .number)], returns: .number)
        {
            (arguments) throws(FunctionError) in
            let result = log(arguments.number(0).asDouble) / log(arguments.number(1).asDouble)
            guard let number = Number(checked: result) else {
                throw FunctionError("\(arguments.number(0)) has no logarithm to the base \(arguments.number(1))")
            }
            return .number(number)
        },
        Function(
            "pow", [Function.Parameter("number", .number), Function.Parameter("power", .number)], returns: .number
        ) {
            (arguments) throws(FunctionError) in .number(try power(arguments.number(0), arguments.number(1)))
        },
        Function("max", [], variadic: Function.Parameter("number", .number), returns: .number) {
            (arguments) throws(FunctionError) in try extreme(arguments) { $0 < $1 }
        },
        Function("min", [], variadic: Function.Parameter("number", .number), returns: .number) {
            (arguments) throws(FunctionError) in try extreme(arguments) { $1 < $0 }
        },
        Function(
            "parseint", [Function.Parameter("string", .any), Function.Parameter("base", .number)], returns: .number
        ) { (arguments) throws(FunctionError) in try parse(arguments) },
        Function("sum", [Function.Parameter("list", .any)], returns: .number) { (arguments) throws(FunctionError) in
            try sum(arguments)
        },
    ]

    private static func exact(_ number: Number?) throws(FunctionError) -> Number {
        if let number { return number }
        throw FunctionError("the result is a whole number that 64 bits cannot hold")
    }

    /// A whole number is its own rounding, also where a double could not hold it.
    private static func exact(_ rounded: Number?, _ number: Number) throws(FunctionError) -> Number {
        if case .integer = number { return number }
        return try exact(rounded)
    }

    private static func power(_ base: Number, _ exponent: Number) throws(FunctionError) -> Number {
        if let times = exponent.asInt, times >= 0, times <= 4096 {
            var result: Number? = Number(1)
            for _ in 0..<times { result = result?.multiplied(by: base) }
            if let result { return result }
        }
        return try exact(Number(checked: pow(base.asDouble, exponent.asDouble)))
    }

    private static func extreme(
        _ arguments: Arguments, _ isLess: (Number, Number) -> Bool
    ) throws(FunctionError) -> Value {
        guard arguments.count > 0 else { throw FunctionError("at least one number is needed") }
        var best = arguments.number(0)
        for index in 1..<max(1, arguments.count) where isLess(best, arguments.number(index)) {
            best = arguments.number(index)
        }
        return .number(best)
    }

    private static func parse(_ arguments: Arguments) throws(FunctionError) -> Value {
        guard arguments[0].asString != nil else {
            throw FunctionError("a string is required, but this is \(arguments[0].phrase)", argument: 0)
        }
        let base = try arguments.int(1)
        guard (2...62).contains(base) else { throw FunctionError("the base must be 2 to 62, not \(base)", argument: 1) }
        let text = arguments.string(0)
        var digits = text.utf8[...]
        let negative = digits.first == UInt8(ascii: "-")
        if negative || digits.first == UInt8(ascii: "+") { digits = digits.dropFirst() }
        var result: Int64 = 0
        for byte in digits {
            guard let digit = digit(byte, base) else {
                throw FunctionError("\(Value.string(text).json) is no whole number in base \(base)", argument: 0)
            }
            let (scaled, overflows) = result.multipliedReportingOverflow(by: Int64(base))
            let (sum, overflowsToo) = scaled.subtractingReportingOverflow(Int64(digit))
            guard !overflows, !overflowsToo else {
                throw FunctionError("the result is a whole number that 64 bits cannot hold", argument: 0)
            }
            result = sum
        }
        guard !digits.isEmpty else { throw FunctionError("\"\" is no whole number in base \(base)", argument: 0) }
        let number = Number.integer(result)
        return .number(try exact(negative ? number : number.negated))
    }

    /// Up to base 36 letters count the same in both cases; beyond, capitals follow the small ones.
    private static func digit(_ byte: UInt8, _ base: Int) -> Int? {
        let value: Int
        switch byte {
        case 0x30...0x39: value = Int(byte) - 0x30
        case 0x61...0x7A: value = Int(byte) - 0x61 + 10
        case 0x41...0x5A: value = Int(byte) - 0x41 + (base <= 36 ? 10 : 36)
        default: return nil
        }
        return value < base ? value : nil
    }

    private static func sum(_ arguments: Arguments) throws(FunctionError) -> Value {
        guard let elements = arguments[0].asList else {
            throw FunctionError("a list of numbers is required, but this is \(arguments[0].phrase)", argument: 0)
        }
        guard !elements.isEmpty else { throw FunctionError("an empty list has no sum", argument: 0) }
        var total = Number(0)
        for (index, element) in elements.enumerated() {
            guard let number = (try? element.converted(to: .number))?.asNumber else {
                throw FunctionError("element \(index) is no number", argument: 0)
            }
            total = try exact(total.adding(number))
        }
        return .number(total)
    }
}
