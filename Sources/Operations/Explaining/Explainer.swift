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
        case .variable(let name, let module): return try variable(name, target.path, in: self.module(at: module))
        case .local(let name, let module): return try local(name, target.path, in: self.module(at: module))
        case .output(let name, let module): return try output(name, target.path, in: self.module(at: module))
        case .module(let module): return try self.module(module)
        case .resource(let address): return try resource(address, target.path)
        }
    }

    /// An index into `ResourceGraph.modules`; 0 for the stack itself.
    private func module(at path: [ResourceAddress.ModuleStep]) -> Int {
        guard let index = graph.modules.firstIndex(where: { $0.path == path }) else {
            preconditionFailure("the target was checked against the graph")
        }
        return index
    }

    // MARK: - Variables, locals, outputs

    private func variable(
        _ name: String, _ path: AttributePath, in module: Int
    ) throws(Diagnostics) -> Explanation {
        let (place, content) = (graph.modules[module].path, graph.modules[module].content)
        let declaration = content.variable(name)
        let address = "\(place.prefix)var.\(name)"
        var explanation = Explanation(
            address: "\(address)\(path.suffix)", kind: .variable, declaredAt: declaration?.nameRange.location)
        explanation.summary = declaration?.summary
        explanation.type = declaration?.type
        guard let declaration else { return explanation }
        let whole = try values.scope(in: module).value(of: .variable(name), at: declaration.nameRange)
        let value = try part(of: whole, path, address)
        explanation.values = [.init(.declared, value)]
        let origin = tracer.origin(ofVariable: name, in: place)
        if !value.isSensitive, origin == .defaultValue {
            explanation.expression = declaration.defaultValue?.node(at: path).range.text
        }
        explanation.inputs = [
            .init(
                text: address, value: whole, origin: origin,
                declaredAt: origin == .defaultValue ? declaration.defaultValue?.range.location : nil)
        ]
        if let call = finder.call(of: place), let input = call.inputs[name],
            let scope = values.scope(callingModule: module)
        {
            let caller = Array(place.dropLast())
            explanation.inputs += tracer.inputs(of: input, in: scope, module: caller, meta: call.meta)
            explanation.dependencies = finder.dependencies(of: [input], in: caller)
        }
        explanation.dependents = finder.dependents(on: .variable(name), in: module)
        return explanation
    }

    private func local(_ name: String, _ path: AttributePath, in module: Int) throws(Diagnostics) -> Explanation {
        let (place, content) = (graph.modules[module].path, graph.modules[module].content)
        let address = "\(place.prefix)local.\(name)"
        var explanation = Explanation(
            address: "\(address)\(path.suffix)", kind: .local, declaredAt: finder.place(of: .local(name), in: place))
        guard let expression = content.locals[name] else { return explanation }
        let scope = values.scope(in: module)
        let value = try scope.value(of: .local(name), at: expression.range)
        explanation.values = [.init(.planned, try part(of: value, path, address))]
        let node = module == 0 ? specification.locals.first { $0.name == name }?.node : nil
        explanation.expression = (node?.node(at: path).range ?? expression.part(at: path).range).text
        explanation.inputs = tracer.inputs(of: expression.part(at: path), in: scope, module: place)
        explanation.dependencies = finder.dependencies(of: [expression], in: place)
        explanation.dependents = finder.dependents(on: .local(name), in: module)
        return explanation
    }

    private func output(_ name: String, _ path: AttributePath, in module: Int) throws(Diagnostics) -> Explanation {
        let (place, content) = (graph.modules[module].path, graph.modules[module].content)
        let address = place.isEmpty ? "output.\(name)" : "\(place.prefix)\(name)"
        let declaration = place.isEmpty ? specification.outputs.first { $0.name == name } : nil
        var explanation = Explanation(
            address: "\(address)\(path.suffix)", kind: .output, declaredAt: declaration?.nameRange.location)
        explanation.summary = declaration?.summary
        guard let output = content.output(name) else { return explanation }
        if declaration == nil { explanation.declaredAt = output.range.location }
        let scope = values.scope(in: module)
        let value = try Evaluator(scope: scope).evaluate(output.value).sensitive(output.isSensitive)
        if place.isEmpty, let recorded = snapshot.outputs.first(where: { $0.name == name })?.value[path: path] {
            explanation.values.append(.init(.recorded, recorded))
        }
        explanation.values.append(.init(.planned, try part(of: value, path, address)))
        let expression = output.value.part(at: path)
        explanation.expression = shown(
            declaration?.value.node(at: path).range ?? expression.range, expression, isSecret: output.isSensitive)
        explanation.inputs = tracer.inputs(of: expression, in: scope, module: place)
        explanation.dependencies = finder.dependencies(of: [output.value], in: place)
        return explanation
    }

    // MARK: - Parts

    /// What is written, unless it would show a secret that is written itself.
    func shown(_ range: SourceRange?, _ expression: ValueExpression, isSecret: Bool) -> String? {
        guard let range else { return nil }
        if isSecret, case .constant = expression { return nil }
        return range.text
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
