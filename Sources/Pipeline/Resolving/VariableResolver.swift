internal import Expressions
public import PlumbModel

/// A value for a variable from outside the specs, with where it came from.
public struct GivenVariable: Sendable {
    public enum Content: Sendable {
        /// As typed on a command line or in the environment: taken as it is for a string, read as an expression else.
        case text(String)
        case node(SpecificationNode)
        case value(Value)
    }

    public let name: String
    public let content: Content
    /// For people: `--var`, `PLUMB_VAR_region`, `prod.vars.yaml:3`.
    public let origin: String

    public init(name: String, content: Content, origin: String) {
        self.name = name
        self.content = content
        self.origin = origin
    }
}

/// Gives each declared variable its value: converted to its type, validated.
struct VariableResolver {
    let declarations: [VariableDeclaration]
    /// In the order of precedence: a later one wins.
    let given: [GivenVariable]
    /// False for `plumb validate`: a variable without a value is then unknown, not an error.
    let requiresValues: Bool

    func resolve(_ diagnostics: inout Diagnostics) -> [String: Value] {
        let byName = Dictionary(given.map { ($0.name, $0) }, uniquingKeysWith: { _, later in later })
        reportUndeclared(&diagnostics)
        var values: [String: Value] = [:]
        for declaration in declarations {
            let value = diagnostics.collect { () throws(Diagnostics) in
                try self.value(of: declaration, byName[declaration.name])
            }
            values[declaration.name] = value ?? .unknown(declaration.type)
            guard value != nil else { continue }
        }
        for declaration in declarations {
            for validation in declaration.validations {
                diagnostics.collect { () throws(Diagnostics) in
                    try self.check(validation, of: declaration, values)
                }
            }
        }
        return values
    }

    private func reportUndeclared(_ diagnostics: inout Diagnostics) {
        let names = Set(declarations.map(\.name))
        for variable in given where !names.contains(variable.name) {
            // The environment is shared by many stacks: a name that this one does not know is no mistake there.
            if variable.origin.hasPrefix("PLUMB_VAR_") { continue }
            let range: SourceRange? = if case .node(let node) = variable.content { node.range } else { nil }
            diagnostics.append(
                .error(
                    "Undeclared variable",
                    "\(variable.origin) gives a value for \"\(variable.name)\", which the stack does not declare."
                        + Suggestion.didYouMean(variable.name, among: names), at: range))
        }
    }

    private func value(
        of declaration: VariableDeclaration, _ given: GivenVariable?
    ) throws(Diagnostics) -> Value {
        var value: Value
        var range = declaration.nameRange
        switch given?.content {
        case .value(let known): value = known
        case .node(let node):
            range = node.range
            value = try constant(node)
        case .text(let text): value = try parse(text, declaration, given?.origin ?? "")
        case nil:
            if let node = declaration.defaultValue {
                range = node.range
                value = try constant(node)
            } else if requiresValues {
                throw Diagnostics(
                    .error(
                        "Missing variable value",
                        "The variable \"\(declaration.name)\" has no default and no value was given. Give one with "
                            + "`--var \(declaration.name)=…`, a `*.vars.yaml` file, or the environment variable "
                            + "PLUMB_VAR_\(declaration.name).", at: declaration.nameRange))
            } else {
                value = .unknown(declaration.type)
            }
        }
        if value.isNull, !declaration.isNullable {
            if given != nil, let node = declaration.defaultValue {
                value = try constant(node)
            } else {
                throw Diagnostics(
                    .error(
                        "Invalid variable value", "The variable \"\(declaration.name)\" must not be null.", at: range))
            }
        }
        do {
            return try value.narrowed(to: declaration.type).converted(to: declaration.type).sensitive(
                declaration.isSensitive)
        } catch {
            let place = error.path.steps.isEmpty ? "" : " at \"\(error.path)\""
            throw Diagnostics(
                .error(
                    "Invalid variable value",
                    "The value of \"\(declaration.name)\"\(given.map { " (from \($0.origin))" } ?? "") does not fit its "
                        + "type \(declaration.type)\(place): \(error.message).", at: range))
        }
    }

    private func constant(_ node: SpecificationNode) throws(Diagnostics) -> Value {
        let expression = try ExpressionParser.parse(node)
        guard let reference = expression.references.first else {
            return try Evaluator(scope: EnvironmentScope(environment: [:], files: nil)).evaluate(expression)
        }
        throw Diagnostics(
            .error(
                "Reference out of place", "The value of a variable must not refer to anything; use `locals` for that.",
                at: reference.range))
    }

    private func parse(
        _ text: String, _ declaration: VariableDeclaration, _ origin: String
    ) throws(Diagnostics) -> Value {
        if declaration.type == .string || declaration.type == .any { return .string(text) }
        if case .bool = declaration.type { return .string(text) }
        if case .number = declaration.type { return .string(text) }
        let file = SourceFile(path: origin, text: text)
        let expression = try ExpressionParser.parse(expression: file)
        return try Evaluator(scope: EnvironmentScope(environment: [:], files: nil)).evaluate(expression)
    }

    private func check(
        _ validation: VariableDeclaration.Validation, of declaration: VariableDeclaration, _ values: [String: Value]
    ) throws(Diagnostics) {
        let scope = VariableScope(values: values)
        let result = try Evaluator(scope: scope).evaluate(try ExpressionParser.parse(validation.condition))
        if result.isUnknown { return }
        guard let holds = (try? result.converted(to: .bool))?.asBool else {
            throw Diagnostics(
                .error(
                    "Wrong type", "A validation's condition must be true or false, but it is \(result.type.phrase).",
                    at: validation.condition.range))
        }
        if holds { return }
        let message = try Evaluator(scope: scope).evaluate(try ExpressionParser.parse(validation.message))
        throw Diagnostics(
            .error(
                "Invalid variable value",
                "The value of \"\(declaration.name)\" is not allowed: "
                    + (message.containsSensitive ? "(the message is sensitive)" : message.asString ?? message.json),
                at: declaration.nameRange, notes: [.init("It is checked here.", at: validation.condition.range)]))
    }
}

/// The scope of validations: variables alone.
private struct VariableScope: EvaluationScope {
    let values: [String: Value]
    var files: (any SpecificationSource)? { nil }

    func value(of reference: Reference, at range: SourceRange) throws(Diagnostics) -> Value {
        guard case .variable(let name) = reference, let value = values[name] else {
            throw Diagnostics(
                .error("Reference out of place", "A validation can refer to declared variables alone.", at: range))
        }
        return value
    }

    func value(
        of resource: ResourceAddress, instance key: InstanceKey, at range: SourceRange
    ) throws(Diagnostics) -> Value {
        try value(of: .resource(resource), at: range)
    }
}
