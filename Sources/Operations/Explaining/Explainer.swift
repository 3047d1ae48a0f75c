internal import Expressions
internal import PlumbModel
internal import Resolving
internal import StateBackendAPI

/// Puts an explanation together from the graph, the state and a plan.
struct Explainer {
    let session: StackSession
    let snapshot: StateSnapshot
    let plan: Plan
    let values: StackValues
    let finder: DependencyFinder
    let tracer: InputTracer

    var graph: ResourceGraph { session.graph }
    private var specification: Specification { session.specification }

    func explain(_ target: ExplanationTarget) throws(Diagnostics) -> Explanation {
        switch target.subject {
        case .variable(let name): return try variable(name, target.path)
        case .local(let name): return try local(name, target.path)
        case .output(let name): return try output(name, target.path)
        case .resource(let address): return try resource(address, target.path)
        }
    }

    // MARK: - Variables, locals, outputs

    private func variable(_ name: String, _ path: AttributePath) throws(Diagnostics) -> Explanation {
        let declaration = specification.variables.first { $0.name == name }
        var explanation = Explanation(
            address: "var.\(name)\(path.suffix)", kind: .variable, declaredAt: declaration?.nameRange.location)
        explanation.summary = declaration?.summary
        explanation.type = declaration?.type
        let value = try part(of: graph.variables[name] ?? .null, path, "var.\(name)")
        explanation.values = [.init(.declared, value)]
        let origin: Explanation.Input.Origin = tracer.given[name].map { .given($0.origin) } ?? .defaultValue
        if !value.isSensitive, origin == .defaultValue {
            explanation.expression = declaration?.defaultValue?.node(at: path).range.text
        }
        explanation.inputs = [
            .init(
                text: "var.\(name)", value: graph.variables[name] ?? .null, origin: origin,
                declaredAt: origin == .defaultValue ? declaration?.defaultValue?.range.location : nil)
        ]
        explanation.dependents = finder.dependents(on: .variable(name))
        return explanation
    }

    private func local(_ name: String, _ path: AttributePath) throws(Diagnostics) -> Explanation {
        let node = specification.locals.first { $0.name == name }
        var explanation = Explanation(
            address: "local.\(name)\(path.suffix)", kind: .local, declaredAt: node?.nameRange.location)
        guard let node, let expression = graph.root.locals[name] else { return explanation }
        let value = try values.local(name, at: node.nameRange)
        explanation.values = [.init(.planned, try part(of: value, path, "local.\(name)"))]
        explanation.expression = node.node.node(at: path).range.text
        explanation.inputs = tracer.inputs(of: expression.part(at: path), in: values.instanceScope, nil)
        explanation.dependencies = finder.dependencies(of: expression)
        explanation.dependents = finder.dependents(on: .local(name))
        return explanation
    }

    private func output(_ name: String, _ path: AttributePath) throws(Diagnostics) -> Explanation {
        let declaration = specification.outputs.first { $0.name == name }
        var explanation = Explanation(
            address: "output.\(name)\(path.suffix)", kind: .output, declaredAt: declaration?.nameRange.location)
        explanation.summary = declaration?.summary
        guard let output = graph.root.outputs.first(where: { $0.name == name }) else { return explanation }
        let value = try Evaluator(scope: values.instanceScope).evaluate(output.value).sensitive(output.isSensitive)
        if let recorded = snapshot.outputs.first(where: { $0.name == name })?.value[path: path] {
            explanation.values.append(.init(.recorded, recorded))
        }
        explanation.values.append(.init(.planned, try part(of: value, path, "output.\(name)")))
        let node = declaration?.value.node(at: path)
        explanation.expression = shown(node, output.value.part(at: path), isSecret: output.isSensitive)
        explanation.inputs = tracer.inputs(of: output.value.part(at: path), in: values.instanceScope, nil)
        explanation.dependencies = finder.dependencies(of: output.value)
        return explanation
    }

    // MARK: - Parts

    /// What is written, unless it would show a secret that is written itself.
    func shown(_ node: SpecificationNode?, _ expression: ValueExpression, isSecret: Bool) -> String? {
        guard let node else { return nil }
        if isSecret, case .constant = expression { return nil }
        return node.range.text
    }

    private func part(of value: Value, _ path: AttributePath, _ name: String) throws(Diagnostics) -> Value {
        if let part = value[path: path] { return part }
        if value.isUnknown { return .unknown().sensitive(value.isSensitive) }
        throw noSuchPart(name, path)
    }

    func noSuchPart(_ name: String, _ path: AttributePath) -> Diagnostics {
        Diagnostics(
            .error(
                "No such part",
                "The value of \(name) has nothing at \"\(path)\". Leave the last step out to see what it has."))
    }
}

extension AttributePath {
    /// As it stands behind a name: `.a[0]`, or nothing.
    var suffix: String {
        let text = description
        return text.isEmpty || text.hasPrefix("[") ? text : ".\(text)"
    }
}

extension SpecificationNode {
    /// What stands at a path, or the nearest node around it.
    func node(at path: AttributePath) -> SpecificationNode {
        var node = self
        for step in path.steps {
            switch (step, node.content) {
            case (.key(let key), .mapping(let entries)):
                guard let next = entries.first(where: { $0.key == key }) else { return node }
                node = next.value
            case (.index(let index), .sequence(let nodes)) where nodes.indices.contains(index): node = nodes[index]
            default: return node
            }
        }
        return node
    }
}

extension ValueExpression {
    /// What stands at a path, or the nearest expression around it.
    func part(at path: AttributePath) -> ValueExpression {
        var expression = self
        for step in path.steps {
            switch (step, expression) {
            case (.key(let key), .object(let entries, _)):
                guard let next = entries.first(where: { $0.key == key }) else { return expression }
                expression = next.value
            case (.index(let index), .list(let elements, _)) where elements.indices.contains(index):
                expression = elements[index]
            default: return expression
            }
        }
        return expression
    }
}
