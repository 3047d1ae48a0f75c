internal import Expressions
internal import PlumbModel

/// Describes what the specs declare and what each expression in them refers to.
struct ConfigurationDescriber {
    private let specification: Specification
    private let graph: ResourceGraph

    init(_ session: StackSession) {
        specification = session.specification
        graph = session.graph
    }

    func describe() -> PlanConfiguration {
        let providers = Set(graph.declarations.map(\.provider)).sorted().map(PlanConfiguration.Provider.init)
        return PlanConfiguration(providers: providers, root: module(graph.root, specification))
    }

    private func module(_ content: ModuleContent, _ written: Specification) -> PlanConfiguration.Module {
        var module = PlanConfiguration.Module()
        module.resources = content.resources.map(resource).sorted { $0.address < $1.address }
        module.outputs = content.outputs.map { output($0, written) }.sorted { $0.name < $1.name }
        module.variables = content.variables.map(variable).sorted { $0.name < $1.name }
        module.calls = content.calls.map { call($0, written) }.sorted { $0.name < $1.name }
        return module
    }

    private func call(_ call: ModuleCall, _ written: Specification) -> PlanConfiguration.ModuleCall {
        let declaration = written.modules.first { $0.name == call.name }
        let inner = declaration?.content.map { module(call.content, $0.specification) }
        var described = PlanConfiguration.ModuleCall(
            name: call.name, source: declaration?.source ?? call.content.folder,
            inputs: call.inputs.sorted { $0.key < $1.key }.map {
                PlanConfiguration.NamedExpression(name: $0.key, expression: PlanConfiguration.Expression($0.value))
            }, module: inner ?? PlanConfiguration.Module())
        described.count = call.meta.count.map(PlanConfiguration.Expression.init)
        described.forEach = call.meta.forEach.map(PlanConfiguration.Expression.init)
        described.dependsOn = call.dependsOn.map(\.spelling)
        return described
    }

    private func resource(_ declaration: ResolvedResource) -> PlanConfiguration.Resource {
        var resource = PlanConfiguration.Resource(
            address: declaration.address, provider: declaration.provider, expressions: declaration.attributeExpressions)
        resource.count = declaration.meta.count.map(PlanConfiguration.Expression.init)
        resource.forEach = declaration.meta.forEach.map(PlanConfiguration.Expression.init)
        resource.dependsOn = declaration.meta.dependsOn.map(\.spelling)
        return resource
    }

    private func output(_ output: ResolvedOutput, _ written: Specification) -> PlanConfiguration.Output {
        var expression = PlanConfiguration.Expression(output.value)
        if output.isSensitive { expression.constant = expression.constant?.sensitive() }
        let summary = written.outputs.first { $0.name == output.name }?.summary
        return PlanConfiguration.Output(
            name: output.name, expression: expression, isSensitive: output.isSensitive, summary: summary)
    }

    private func variable(_ declaration: VariableDeclaration) -> PlanConfiguration.Variable {
        let written = declaration.defaultValue?.plainValue
        // What does not fit its type has been refused; only what is not evaluated here keeps its own.
        let value = written.map { (try? $0.converted(to: declaration.type)) ?? $0 }
        return PlanConfiguration.Variable(
            name: declaration.name, defaultValue: value?.sensitive(declaration.isSensitive),
            isSensitive: declaration.isSensitive, summary: declaration.summary)
    }
}

extension ResolvedResource {
    /// What stands in `spec`, attribute by attribute; what the schema calls secret is marked.
    fileprivate var attributeExpressions: [PlanConfiguration.NamedExpression] {
        let expressions: [(String, PlanConfiguration.Expression)]
        switch spec {
        case .object(let entries, _): expressions = entries.map { ($0.key, PlanConfiguration.Expression($0.value)) }
        case .constant(let value, _):
            expressions = (value.asMap ?? ValueMap()).map { ($0.key, PlanConfiguration.Expression(constant: $0.value)) }
        // A whole spec that is computed: every attribute may come from anything in it.
        case .expression, .list:
            let whole = PlanConfiguration.Expression(spec)
            expressions = schema.attributes.filter(\.isSettable).map { ($0.name, whole) }
        }
        return expressions.map { name, expression in
            var expression = expression
            if schema[name]?.isSensitive == true { expression.constant = expression.constant?.sensitive() }
            return PlanConfiguration.NamedExpression(name: name, expression: expression)
        }
    }
}

extension PlanConfiguration.Expression {
    init(_ expression: ValueExpression) {
        self.init(constant: expression.constant, references: expression.literalTraversals.flatMap(\.spellings))
    }
}

extension ValueExpression {
    /// Its value where nothing in it has to be computed.
    fileprivate var constant: Value? {
        switch self {
        case .constant(let value, _): return value
        case .expression(let expression): return expression.constant
        case .list(let elements, _):
            let values = elements.compactMap(\.constant)
            return values.count == elements.count ? .tuple(values) : nil
        case .object(let entries, _):
            let values = entries.compactMap { entry in entry.value.constant.map { (entry.key, $0) } }
            return values.count == entries.count ? .object(ValueMap(values)) : nil
        }
    }
}

extension Expression {
    fileprivate var constant: Value? {
        switch kind {
        case .literal(let value): return value
        case .tuple(let elements):
            let values = elements.compactMap(\.constant)
            return values.count == elements.count ? .tuple(values) : nil
        case .object(let items):
            let values = items.compactMap { item -> (String, Value)? in
                guard let key = item.key.constant?.asString, let value = item.value.constant else { return nil }
                return (key, value)
            }
            return values.count == items.count ? .object(ValueMap(values)) : nil
        default: return nil
        }
    }
}

extension DependencyTarget {
    fileprivate var spelling: String {
        switch self {
        case .resource(let address): address.description
        case .module(let step): step.description
        }
    }
}
