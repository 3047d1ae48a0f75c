internal import PlumbModel

/// The value of a module's variable: what the call gives, or the default, converted to its type.
struct ModuleInput {
    private let declaration: VariableDeclaration
    private let given: Value?
    private let range: SourceRange?

    /// - Parameter range: of what is given; nil where nothing is.
    init(_ declaration: VariableDeclaration, given: Value?, at range: SourceRange?) {
        self.declaration = declaration
        self.given = given
        self.range = range
    }

    func conform() throws(Diagnostics) -> Value {
        var value: Value
        if let given { value = given } else { value = try defaultValue() }
        if value.isNull, !declaration.isNullable {
            guard declaration.defaultValue != nil else { throw problem("must not be null") }
            value = try defaultValue()
        }
        do {
            return try value.converted(to: declaration.type).sensitive(declaration.isSensitive)
        } catch {
            let place = error.path.steps.isEmpty ? "" : " at \"\(error.path)\""
            throw problem("does not fit its type \(declaration.type)\(place): \(error.message)")
        }
    }

    private func defaultValue() throws(Diagnostics) -> Value {
        guard let node = declaration.defaultValue else {
            throw problem("has no default, and the call of the module gives none")
        }
        return try Evaluator(scope: NoScope()).evaluate(try ExpressionParser.parse(node))
    }

    private func problem(_ what: String) -> Diagnostics {
        Diagnostics(
            .error(
                "Invalid module input", "The variable \"\(declaration.name)\" of the module \(what).",
                at: range ?? declaration.nameRange,
                notes: range == nil ? [] : [.init("The variable is declared here.", at: declaration.nameRange)]))
    }
}

/// The scope of defaults, which refer to nothing.
private struct NoScope: EvaluationScope {
    var files: (any SpecificationSource)? { nil }

    func value(of reference: Reference, at range: SourceRange) throws(Diagnostics) -> Value {
        throw Diagnostics(
            .error(
                "Reference out of place",
                "The default of a variable must not refer to anything; use `locals` for that.",
                at: range))
    }

    func value(
        of resource: ResourceAddress, instance key: InstanceKey, at range: SourceRange
    ) throws(Diagnostics) -> Value {
        try value(of: .resource(resource), at: range)
    }
}
