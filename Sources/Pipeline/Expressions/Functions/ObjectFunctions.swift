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
            let map = try entries(arguments, 0)
            var fallback: Value?
            if arguments.count > 2 {
                let type = if case .map(let element) = arguments[0].type { element } else { ValueType.any }
                fallback = try defaultValue(arguments[2], of: type)
            }
            if let found = map[arguments.string(1)] ?? fallback { return found }
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
            try transpose(arguments.map(0))
        },
    ]

    private static func entries(_ arguments: Arguments, _ index: Int) throws(FunctionError) -> ValueMap {
        if let map = arguments[index].asMap { return map }
        throw FunctionError("a map or an object is required, but this is \(arguments[index].phrase)", argument: index)
    }

    private static func defaultValue(_ value: Value, of type: ValueType) throws(FunctionError) -> Value {
        do {
            return try value.converted(to: type)
        } catch {
            throw FunctionError("the default must have the type of the map's elements: \(error.message)", argument: 2)
        }
    }

    private static func transpose(_ map: ValueMap) throws(FunctionError) -> Value {
        var result: [String: [Value]] = [:]
        for entry in map {
            guard let names = entry.value.asList else {
                throw FunctionError("the element \(Value.string(entry.key).json) is null", argument: 0)
            }
            for name in names {
                guard let text = name.asString else {
                    throw FunctionError("a string in \(Value.string(entry.key).json) is null", argument: 0)
                }
                result[text, default: []].append(.string(entry.key))
            }
        }
        return .map(ValueMap(result.map { ($0.key, .list($0.value)) }))
    }

    private static func merge(_ arguments: Arguments) throws(FunctionError) -> Value {
        var result = ValueMap()
        var types: Set<ValueType> = []
        for index in 0..<arguments.count where !arguments[index].isNull {
            result = result.merging(try entries(arguments, index))
            types.insert(arguments[index].type)
        }
        // Maps of one type make a map, anything else an object. An empty map does not tell what its elements would be.
        if types.count > 1 { types.remove(.map(.any)) }
        if types.count == 1, case .map? = types.first { return .map(result) }
        return .object(result)
    }

    private static func zip(_ arguments: Arguments) throws(FunctionError) -> Value {
        guard let values = arguments[1].asList, !arguments[1].isSet else {
            throw FunctionError("a list is required, but this is \(arguments[1].phrase)", argument: 1)
        }
        let keys = try arguments.strictStrings(0)
        guard keys.count == values.count else {
            throw FunctionError(
                "there are \(keys.count) keys and \(values.count) values; both must be as many", argument: 1)
        }
        let map = ValueMap(Swift.zip(keys, values).map { ($0, $1) })
        let isSensitive = arguments.list(0).contains(where: \.isSensitive)
        return (arguments[1].isTuple ? Value.object(map) : .map(map)).sensitive(isSensitive)
    }
}

extension Value {
    var isObject: Bool { if case .map(_, .object) = kind { true } else { false } }
}

extension String {
    /// A sentence that ends inside another has no point of its own.
    fileprivate var trimmingLastPoint: String { hasSuffix("?") ? String(dropLast()) : self }
}
