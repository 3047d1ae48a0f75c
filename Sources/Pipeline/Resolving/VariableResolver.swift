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

/// Gives each declared variable its value: given or defaulted, converted to its type.
struct VariableResolver {
    let declarations: [VariableDeclaration]
    /// In the order of precedence: a later one wins.
    let given: [GivenVariable]
    /// False for `plumb validate`: a variable without a value is then unknown, not an error.
    let requiresValues: Bool

    /// Where the values come from that do not come from a default, by the variable's name.
    private let strongest: [String: GivenVariable]

    init(declarations: [VariableDeclaration], given: [GivenVariable], requiresValues: Bool) {
        self.declarations = declarations
        self.given = given
        self.requiresValues = requiresValues
        strongest = Dictionary(given.map { ($0.name, $0) }, uniquingKeysWith: { _, later in later })
    }

    func resolve(_ diagnostics: inout Diagnostics) -> [String: Value] {
        reportUndeclared(&diagnostics)
        var values: [String: Value] = [:]
        for declaration in declarations {
            let value = diagnostics.collect { () throws(Diagnostics) in try self.value(of: declaration) }
            values[declaration.name] = value ?? .unknown(declaration.type).sensitive(declaration.isSensitive)
            guard let given = strongest[declaration.name] else { continue }
            let conformer = VariableConformer(declaration)
            if let warning = conformer.deprecation(from: given.origin, at: given.range) { diagnostics.append(warning) }
        }
        return values
    }

    /// The rules of all variables, parsed; a rule must be about its variable.
    func validations(_ diagnostics: inout Diagnostics) -> [ResolvedValidation] {
        declarations.flatMap { declaration in
            declaration.validations.compactMap { rule in
                diagnostics.collect { () throws(Diagnostics) in try validation(rule, of: declaration) }
            }
        }
    }

    private func validation(
        _ rule: ConditionDeclaration, of declaration: VariableDeclaration
    ) throws(Diagnostics) -> ResolvedValidation {
        var problems = Diagnostics()
        let condition = problems.collect { () throws(Diagnostics) in try ExpressionParser.parse(rule.condition) }
        let message = problems.collect { () throws(Diagnostics) in try ExpressionParser.parse(rule.message) }
        guard let condition, let message else { throw problems }
        guard condition.references.contains(where: { $0.reference == .variable(declaration.name) }) else {
            throw Diagnostics(
                .error(
                    "Validation of something else",
                    "The condition does not look at `var.\(declaration.name)`, so that it cannot tell a right value from a "
                        + "wrong one. What is to hold of other things stands in `checks`, or in the preconditions of a "
                        + "resource or an output.", at: rule.condition.range))
        }
        return ResolvedValidation(
            variable: declaration.name, range: declaration.nameRange, origin: strongest[declaration.name]?.origin,
            rule: ResolvedResource.Condition(condition: condition, message: message))
    }

    private func reportUndeclared(_ diagnostics: inout Diagnostics) {
        let names = Set(declarations.map(\.name))
        for variable in given where !names.contains(variable.name) {
            // The environment is shared by many stacks: a name that this one does not know is no mistake there.
            if variable.origin.hasPrefix("PLUMB_VAR_") { continue }
            diagnostics.append(
                .error(
                    "Undeclared variable",
                    "\(variable.origin) gives a value for \"\(variable.name)\", which the stack does not declare."
                        + Suggestion.didYouMean(variable.name, among: names), at: variable.range))
        }
    }

    private func value(of declaration: VariableDeclaration) throws(Diagnostics) -> Value {
        let conformer = VariableConformer(declaration)
        // A default that does not fit is a mistake of the specs, whether a value is given or not.
        let fallback = try conformer.defaultValue()
        if let given = strongest[declaration.name] {
            return try conformer.conform(try value(of: given, declaration), from: given.origin, at: given.range)
        }
        if let fallback { return fallback }
        guard requiresValues else { return .unknown(declaration.type).sensitive(declaration.isSensitive) }
        throw Diagnostics(
            .error(
                "Missing variable value",
                "The variable \"\(declaration.name)\" has no default and no value was given. Give one with "
                    + "`--var \(declaration.name)=…`, a `*.vars.yaml` file, or the environment variable "
                    + "PLUMB_VAR_\(declaration.name).", at: declaration.nameRange))
    }

    private func value(
        of given: GivenVariable, _ declaration: VariableDeclaration
    ) throws(Diagnostics) -> Value {
        switch given.content {
        case .value(let known): known
        case .node(let node): try VariableConformer.constant(node)
        case .text(let text): try value(of: text, declaration, given.origin)
        }
    }

    /// A text stands for itself where a scalar is wanted or nothing is said; else it is an expression.
    private func value(
        of text: String, _ declaration: VariableDeclaration, _ origin: String
    ) throws(Diagnostics) -> Value {
        switch declaration.givenType {
        case nil, .string, .number, .bool: return .string(text)
        default: break
        }
        do throws(Diagnostics) {
            let expression = try ExpressionParser.parse(expression: SourceFile(path: origin, text: text))
            return try Evaluator(scope: ConstantScope()).evaluate(expression)
        } catch {
            throw Diagnostics(
                error.all.map { problem in
                    var problem = problem
                    problem.notes.append(
                        .init(
                            "The variable \"\(declaration.name)\" is of the type \(declaration.type), so that its value is "
                                + "read as an expression.", at: declaration.nameRange))
                    return problem
                })
        }
    }
}

extension GivenVariable {
    /// Where its value stands; nil where that is in no file.
    fileprivate var range: SourceRange? { if case .node(let node) = content { node.range } else { nil } }
}
