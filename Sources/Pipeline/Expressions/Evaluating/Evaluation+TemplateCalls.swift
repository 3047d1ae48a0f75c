import PlumbModel

/// The functions that render a template kept elsewhere: in a file, or in a string.
extension Evaluation {
    /// `templatefile(path, variables)`; where the whole file is one `${…}`, the value keeps its type.
    mutating func templateFile(_ call: Expression.FunctionCall, in whole: Expression) throws(Diagnostics) -> Value {
        let (values, sources) = try templateArguments(call, "templatefile(path, variables)", in: whole)
        let path = try string(values[0], sources[0], "The path of a template")
        let isSensitive = path.isSensitive || values[1].isSensitive
        guard let text = path.asString, !values[1].isUnknown else { return Value.unknown().sensitive(isSensitive) }
        let bytes: [UInt8]
        do {
            bytes = try FileReader(scope.files).contents(of: text, argument: 0)
        } catch {
            throw self.error("Invalid function argument", "templatefile(): \(error.message).", at: sources[0].range)
        }
        let result = try render(SourceFile(path: text, bytes: bytes), values[1], call, sources[1])
        guard !result.isNull else {
            throw error("Invalid function argument", "templatefile(): the template's result is null.", at: whole.range)
        }
        return result.sensitive(isSensitive)
    }

    /// `templatestring(reference, variables)`: the first argument names the string that holds the template.
    mutating func templateString(_ call: Expression.FunctionCall, in whole: Expression) throws(Diagnostics) -> Value {
        if let template = call.arguments.first, !template.isPlainReference {
            throw error(
                "Invalid function argument",
                "templatestring(): the template must be named by a reference such as local.greeting. A template that is "
                    + "written here needs no function: put it in quotes.", at: template.range)
        }
        let (values, sources) = try templateArguments(call, "templatestring(reference, variables)", in: whole)
        let template = try string(values[0], sources[0], "The template")
        let isSensitive = template.isSensitive || values[1].isSensitive
        guard let text = template.asString, !values[1].isUnknown else {
            return Value.unknown(.string).sensitive(isSensitive)
        }
        let file = SourceFile(path: "the template of templatestring()", text: text)
        do {
            let result = try render(file, values[1], call, sources[1])
            return try string(result, sources[0], "The result of the template").sensitive(isSensitive)
        } catch {
            // A snippet would show the text, which may be secret.
            guard isSensitive else { throw error }
            throw self.error(
                "Invalid function argument",
                "templatestring(): the template cannot be rendered. The reason is not told, because it or a variable is "
                    + "sensitive.", at: sources[0].range)
        }
    }

    private mutating func templateArguments(
        _ call: Expression.FunctionCall, _ signature: String, in whole: Expression
    ) throws(Diagnostics) -> (values: [Value], sources: [Expression]) {
        guard !isInTemplateCall else {
            throw error(
                "Invalid function argument",
                "\(call.name)(): a template that a function renders may not render another.", at: whole.range)
        }
        guard let (values, sources) = try arguments(call) else {
            throw error(
                "Invalid expanding argument", "\(call.name)() needs to know its arguments: \(signature).",
                at: whole.range)
        }
        guard values.count == 2 else {
            throw error(
                values.count < 2 ? "Not enough function arguments" : "Too many function arguments",
                "\(call.name)() is written \(signature).", at: whole.range)
        }
        return (values, sources)
    }

    private mutating func render(
        _ file: SourceFile, _ given: Value, _ call: Expression.FunctionCall, _ source: Expression
    ) throws(Diagnostics) -> Value {
        guard let variables = given.asMap else {
            throw error(
                "Invalid function argument",
                "\(call.name)(): variables must be a map or an object, but is \(given.phrase).", at: source.range)
        }
        for name in variables.keys where !Lexer.isIdentifier(name) {
            throw error(
                "Invalid function argument",
                "\(call.name)(): \(Value.string(name).json) is no name for a variable of a template; names are letters, "
                    + "digits and _, and begin with a letter.", at: source.range)
        }
        let template = try ExpressionParser.parse(template: file, bound: variables.keys)
        let outer = bindings
        bindings = variables.map { ($0.key, $0.value) }
        isInTemplateCall = true
        defer {
            bindings = outer
            isInTemplateCall = false
        }
        return try evaluate(template)
    }
}

extension Expression {
    /// Whether it only names something: `local.x`, `var.y["key"]`, a loop's variable.
    fileprivate var isPlainReference: Bool {
        guard range.text.utf8.first != UInt8(ascii: "(") else { return false }
        return switch kind {
        case .reference: true
        case .attribute(let operand, _), .index(let operand, _): operand.isPlainReference
        default: false
        }
    }
}
