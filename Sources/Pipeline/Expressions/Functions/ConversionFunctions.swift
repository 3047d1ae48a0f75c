import PlumbModel

/// Functions that change a value's type or its mark.
enum ConversionFunctions {
    private static let value = Function.Parameter("value", .any, allowsNull: true)

    private static func conversion(_ name: String, _ type: ValueType) -> Function {
        Function(name, [value], returns: type, .decides) { (arguments) throws(FunctionError) in
            try convert(arguments[0], to: type)
        }
    }

    private static func convert(_ value: Value, to type: ValueType) throws(FunctionError) -> Value {
        do {
            return try value.converted(to: type)
        } catch {
            let place = error.path.steps.isEmpty ? "" : "\(error.path): "
            throw FunctionError(place + error.message, argument: 0)
        }
    }

    static let all: [Function] = [
        conversion("tobool", .bool),
        conversion("tonumber", .number),
        conversion("tostring", .string),
        conversion("tolist", .list(.any)),
        conversion("toset", .set(.any)),
        conversion("tomap", .map(.any)),
        Function("sensitive", [value], .decides) { (arguments) throws(FunctionError) in arguments[0].sensitive() },
        Function("nonsensitive", [value], .decides) { (arguments) throws(FunctionError) in arguments[0].unmarked },
        // No value of this language is ephemeral yet, so none becomes null.
        Function("ephemeralasnull", [value], .decides) { (arguments) throws(FunctionError) in arguments[0] },
        Function("issensitive", [value], returns: .bool, .decides) { (arguments) throws(FunctionError) in
            .bool(arguments[0].isSensitive)
        },
    ]
}
