import PlumbModel

/// Functions on maps and objects.
enum ObjectFunctions {
    private static let map = Function.Parameter("map", .any)

    static let all: [Function] = [
        Function("keys", [map], returns: .list(.string), .rearranges) { (arguments) throws(FunctionError) in
            let keys = try entries(arguments, 0).keys.map(Value.string)
            return arguments[0].isObject ? .tuple(keys) : .list(keys)
        },
        Function("values", [map], .rearranges) { (arguments) throws(FunctionError) in
            let values = try entries(arguments, 0).values
            return arguments[0].isObject ? .tuple(values) : .list(values)
        },
        Function(
            "lookup",
            [map, Function.Parameter("key", .string), Function.Parameter("default", .any, allowsNull: true)],
            optional: 1, .rearranges
        ) { (arguments) throws(FunctionError) in
            if let found = try entries(arguments, 0)[arguments.string(1)] { return found }
            guard arguments.count < 3 else { return arguments[2] }
            throw FunctionError(
                "there is no element \(arguments[1].json), and no default is given"
                    + Suggestion.didYouMean(arguments.string(1), among: arguments.map(0).keys).trimmingLastPoint,
                argument: 1)
        },
        Function("merge", [], variadic: Function.Parameter("map", .any, allowsNull: true), .rearranges) {
            (arguments) throws(FunctionError) in try merge(arguments)
        },
        Function(
            "zipmap", [Function.Parameter("keys", .list(.string)), Function.Parameter("values", .any)], .rearranges
        ) { (arguments) throws(FunctionError) in try zip(arguments) },
        Function(
            "transpose", [Function.Parameter("map", .map(.list(.string)))], returns: .map(.list(.string))
        ) { (arguments) throws(FunctionError) in
            var result: [String: [Value]] = [:]
            for entry in arguments.map(0) {
                for name in entry.value.asList ?? [] {
                    result[name.asString ?? "", default: []].append(.string(entry.key))
                }
            }
            return .map(ValueMap(result.map { ($0.key, .list($0.value)) }))
        },
    ]

    private static func entries(_ arguments: Arguments, _ index: Int) throws(FunctionError) -> ValueMap {
        if let map = arguments[index].asMap { return map }
        throw FunctionError("a map or an object is required, but this is \(arguments[index].phrase)", argument: index)
    }

    private static func merge(_ arguments: Arguments) throws(FunctionError) -> Value {
        var result = ValueMap()
        var areMaps = arguments.count > 0
        for index in 0..<arguments.count where !arguments[index].isNull {
            result = result.merging(try entries(arguments, index))
            areMaps = areMaps && !arguments[index].isObject
        }
        guard areMaps, let map = try? Value.map(result).converted(to: .map(.any)) else { return .object(result) }
        return map
    }

    private static func zip(_ arguments: Arguments) throws(FunctionError) -> Value {
        guard let values = arguments[1].asList else {
            throw FunctionError("a list is required, but this is \(arguments[1].phrase)", argument: 1)
        }
        let keys = try arguments.strictStrings(0)
        guard keys.count == values.count else {
            throw FunctionError(
                "there are \(keys.count) keys and \(values.count) values; both must be as many", argument: 1)
        }
        let map = ValueMap(Swift.zip(keys, values).map { ($0, $1) })
        return arguments[1].isTuple ? .object(map) : .map(map)
    }
}

extension Value {
    var isObject: Bool { if case .map(_, .object) = kind { true } else { false } }
}

extension String {
    /// A sentence that ends inside another has no point of its own.
    fileprivate var trimmingLastPoint: String { hasSuffix("?") ? String(dropLast()) : self }
}
