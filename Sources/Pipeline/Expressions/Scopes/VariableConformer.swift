public import PlumbModel

/// Brings the value of one variable into the shape that its declaration asks for: defaulted, converted, marked. Works
/// on values from outside and on inputs of modules alike, which may be unknown.
public struct VariableConformer {
    private let declaration: VariableDeclaration

    public init(_ declaration: VariableDeclaration) { self.declaration = declaration }

    /// What must not be kept must not be shown either.
    private var isSecret: Bool { declaration.isSensitive || declaration.isEphemeral }

    /// The default in the variable's shape; nil where there is none.
    public func defaultValue() throws(Diagnostics) -> Value? {
        guard let node = declaration.defaultValue else { return nil }
        let value = try Self.constant(node)
        if value.isNull, !declaration.isNullable {
            throw Diagnostics(
                .error(
                    "Invalid default value",
                    "The variable \"\(declaration.name)\" has `nullable: false`, so that its default cannot be null. Give "
                        + "another default, or none, so that a value must be given.", at: node.range))
        }
        do throws(ConversionError) {
            return try value.narrowed(to: declaration.type).converted(to: declaration.type).sensitive(isSecret)
        } catch {
            throw Diagnostics(
                .error(
                    "Invalid default value",
                    "The default of \"\(declaration.name)\" does not fit its type \(declaration.type)\(phrase(error.path)): "
                        + "\(error.message).", at: node.range))
        }
    }

    /// A given value in the variable's shape. Where null is given and must not be, it is the default.
    ///
    /// - Parameters:
    ///   - origin: where the value comes from, for people: `--var size`.
    ///   - range: its place; nil where it has none in a file.
    public func conform(_ value: Value, from origin: String?, at range: SourceRange?) throws(Diagnostics) -> Value {
        guard value.isNull, !declaration.isNullable else { return try convert(value, from: origin, at: range) }
        if let fallback = try defaultValue() { return fallback }
        throw Diagnostics(
            .error(
                "Invalid variable value",
                "The value of \"\(declaration.name)\"\(phrase(origin)) is null, but the variable has `nullable: false` and "
                    + "no default. Give another value.",
                at: range ?? declaration.nameRange))
    }

    /// What to tell where a value is given for a variable that is deprecated; nil for all others.
    public func deprecation(from origin: String?, at range: SourceRange?) -> Diagnostic? {
        guard let advice = declaration.deprecation else { return nil }
        return .warning(
            "Deprecated variable",
            "A value is given for \"\(declaration.name)\"\(phrase(origin)), which is deprecated: \(advice)",
            at: range ?? declaration.nameRange)
    }

    /// The value of a node that must not refer to anything.
    public static func constant(_ node: SpecificationNode) throws(Diagnostics) -> Value {
        let expression = try ExpressionParser.parse(node)
        guard let reference = expression.references.first else {
            return try Evaluator(scope: ConstantScope()).evaluate(expression)
        }
        throw Diagnostics(
            .error(
                "Reference out of place", "The value of a variable must not refer to anything; use `locals` for that.",
                at: reference.range))
    }

    private func convert(
        _ value: Value, from origin: String?, at range: SourceRange?
    ) throws(Diagnostics) -> Value {
        do {
            return try value.narrowed(to: declaration.type).converted(to: declaration.type).sensitive(isSecret)
        } catch {
            throw Diagnostics(
                .error(
                    "Invalid variable value",
                    "The value of \"\(declaration.name)\"\(phrase(origin)) does not fit its type "
                        + "\(declaration.type)\(phrase(error.path)): \(error.message).",
                    at: range ?? declaration.nameRange))
        }
    }

    private func phrase(_ path: AttributePath) -> String { path.steps.isEmpty ? "" : " at \"\(path)\"" }

    private func phrase(_ origin: String?) -> String { origin.map { " (from \($0))" } ?? "" }
}

extension ResolvedValidation {
    /// Judges one rule, and tells what does not hold at the variable.
    public func judge(_ scope: some EvaluationScope, _ problems: inout Diagnostics) -> ConditionJudgement {
        let judgement = ConditionChecker(scope, of: .variable(variable)).judge([rule])
        for failure in judgement.failures {
            problems.append(
                .error(
                    "Invalid variable value",
                    "The value of \"\(variable)\"\(origin.map { " (from \($0))" } ?? "") is not allowed: "
                        + failure.message, at: range,
                    notes: [.init("It is checked here.", at: rule.condition.range)]
                ).failing(.variable(variable)))
        }
        problems.append(judgement.errors)
        return judgement
    }
}
