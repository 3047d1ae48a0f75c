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

    private var graph: ResourceGraph { session.graph }
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
        guard let node, let expression = graph.locals[name] else { return explanation }
        let value = try values.scope.local(name, at: node.nameRange)
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
        guard let output = graph.outputs.first(where: { $0.name == name }) else { return explanation }
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

    // MARK: - Resources

    private func resource(_ address: ResourceAddress, _ path: AttributePath) throws(Diagnostics) -> Explanation {
        guard let index = graph.declaration(at: address) else {
            preconditionFailure("the target was checked against the graph")
        }
        let declaration = graph.declarations[index]
        let (key, rest) = declaration.split(path)
        let node = try self.node(of: declaration, key, rest)
        var explanation = Explanation(
            address: "\(address.instance(key))\(rest.suffix)", kind: address.mode == .data ? .data : .resource,
            declaredAt: declaration.range.location)
        explanation.provider = declaration.provider
        explanation.dependencies = finder.dependencies(ofDeclaration: index, node: node)
        explanation.dependents = finder.dependents(onDeclaration: index, node: node)
        if key == nil, declaration.isRepeated {
            repeated(declaration, &explanation)
        } else {
            let instance = Instance(declaration, key, self)
            explanation.change = instance.change
            if rest.steps.isEmpty {
                explanation.attributes = attributes(of: instance)
            } else {
                try attribute(rest, of: instance, &explanation)
            }
        }
        return explanation
    }

    /// Nil where the plan decides which instances there are.
    private func node(
        of declaration: ResolvedResource, _ key: InstanceKey?, _ rest: AttributePath
    ) throws(Diagnostics) -> Int? {
        if case .deferred = declaration.expansion { return nil }
        if let key {
            if let node = declaration.node(for: key) { return node }
            throw Diagnostics(
                .error(
                    "Unknown instance",
                    "\(declaration.address)\(key) does not exist. \(declaration.instancesSentence)"))
        }
        guard declaration.isRepeated else { return declaration.instances.first }
        guard rest.steps.isEmpty else {
            let key = declaration.instances.first.flatMap { graph.nodes[$0].key }
            throw Diagnostics(
                .error(
                    "Unknown instance",
                    "\(declaration.address) has \(declaration.meta.count == nil ? "`for_each`" : "`count`"): say which "
                        + "instance is meant, such as '\(declaration.address)\(key?.description ?? "[0]")\(rest.suffix)'. "
                        + declaration.instancesSentence))
        }
        return nil
    }

    private func repeated(_ declaration: ResolvedResource, _ explanation: inout Explanation) {
        let expression = declaration.meta.forEach ?? declaration.meta.count
        let known = declaration.instances.map { declaration.address.instance(graph.nodes[$0].key).description }
        let late =
            snapshot.resources.filter {
                $0.address.resource == declaration.address && $0.deposedKey == nil
            }.map(\.address) + plan.changes.filter { $0.address.resource == declaration.address }.map(\.address)
        explanation.instances = known.isEmpty ? Set(late).sorted().map(\.description) : known
        guard let expression else { return }
        let name = declaration.meta.forEach == nil ? "count" : "for_each"
        explanation.expression = "\(name): \(expression.range.text)"
        explanation.inputs = tracer.inputs(of: expression, in: values.instanceScope, declaration)
    }

    /// One instance of a resource, and what is known of it.
    private struct Instance {
        let declaration: ResolvedResource
        let address: ResourceAddress
        let scope: InstanceScope
        let recorded: Value?
        let live: Value?
        let planned: Value?
        let change: PlannedChange?

        init(_ declaration: ResolvedResource, _ key: InstanceKey?, _ explainer: Explainer) {
            let address = declaration.address.instance(key)
            self.declaration = declaration
            self.address = address
            scope = explainer.values.scope(of: key, declaration)
            change = explainer.plan.changes.first { $0.address == address && $0.deposedKey == nil }
            recorded = explainer.snapshot.resources.first { $0.address == address && $0.deposedKey == nil }?.values
            live = explainer.plan.drift.first { $0.address == address }?.live
            let data = explainer.plan.data.first { $0.address == address }?.values
            planned = change.map { $0.after } ?? data ?? live ?? recorded
        }
    }

    private func attributes(of instance: Instance) -> [Explanation.Attribute] {
        let declaration = instance.declaration
        let spec = declaration.specNode
        let written = Set((spec?.mapping ?? []).map(\.key))
        let schema = declaration.schema.attributes
        let ordered = schema.filter { written.contains($0.name) } + schema.filter { !written.contains($0.name) }
        return ordered.compactMap { attribute in
            let path = AttributePath(attribute.name)
            let value = instance.planned?[path: path] ?? .null
            guard written.contains(attribute.name) || !value.isNull else { return nil }
            let text = shown(
                spec?[attribute.name], declaration.spec.part(at: path),
                isSecret: attribute.isSensitive || value.containsSensitive)
            return Explanation.Attribute(name: attribute.name, expression: text, value: value)
        }
    }

    private func attribute(
        _ path: AttributePath, of instance: Instance, _ explanation: inout Explanation
    ) throws(Diagnostics) {
        let declaration = instance.declaration
        guard case .key(let name)? = path.steps.first, let schema = declaration.schema[name] else {
            let name = AttributePath(Array(path.steps.prefix(1))).description
            throw Diagnostics(
                .error(
                    "Unknown attribute",
                    "\(declaration.address.type) has no attribute \"\(name)\"."
                        + Suggestion.didYouMean(name, among: declaration.schema.attributes.map(\.name)),
                    at: nil))
        }
        explanation.summary = schema.summary.isEmpty ? nil : schema.summary
        explanation.type = path.steps.count == 1 ? schema.type : nil
        let node = declaration.specNode?[name].map { _ in declaration.specNode?.node(at: path) } ?? nil
        let expression = declaration.spec.part(at: path)
        if let node {
            explanation.declaredAt = node.range.location
            explanation.inputs = tracer.inputs(of: expression, in: instance.scope, declaration)
            let declared = try Evaluator(scope: instance.scope).evaluate(declaration.spec)[path: path]
            if let declared { explanation.values.append(.init(.declared, declared.sensitive(schema.isSensitive))) }
        }
        for (version, whole) in [
            (Explanation.Version.recorded, instance.recorded), (.live, instance.live), (.planned, instance.planned),
        ] {
            if let value = whole?[path: path] {
                explanation.values.append(.init(version, value.sensitive(schema.isSensitive)))
            }
        }
        let isSecret = explanation.values.contains { $0.value.containsSensitive }
        explanation.expression = shown(node, expression, isSecret: isSecret)
        guard explanation.values.isEmpty, path.steps.count > 1 else { return }
        throw noSuchPart("\(instance.address)", path)
    }

    // MARK: - Parts

    /// What is written, unless it would show a secret that is written itself.
    private func shown(_ node: SpecificationNode?, _ expression: ValueExpression, isSecret: Bool) -> String? {
        guard let node else { return nil }
        if isSecret, case .constant = expression { return nil }
        return node.range.text
    }

    private func part(of value: Value, _ path: AttributePath, _ name: String) throws(Diagnostics) -> Value {
        if let part = value[path: path] { return part }
        if value.isUnknown { return .unknown().sensitive(value.isSensitive) }
        throw noSuchPart(name, path)
    }

    private func noSuchPart(_ name: String, _ path: AttributePath) -> Diagnostics {
        Diagnostics(
            .error(
                "No such part",
                "The value of \(name) has nothing at \"\(path)\". Leave the last step out to see what it has."))
    }
}

extension AttributePath {
    /// As it stands behind a name: `.a[0]`, or nothing.
    fileprivate var suffix: String {
        let text = description
        return text.isEmpty || text.hasPrefix("[") ? text : ".\(text)"
    }
}

extension ResolvedResource {
    fileprivate var isRepeated: Bool { meta.forEach != nil || meta.count != nil }

    /// Takes the instance's key off a path into the resource.
    fileprivate func split(_ path: AttributePath) -> (key: InstanceKey?, rest: AttributePath) {
        guard isRepeated, let first = path.steps.first else { return (nil, path) }
        let rest = AttributePath(Array(path.steps.dropFirst()))
        switch first {
        case .index(let index) where meta.count != nil: return (.index(index), rest)
        case .key(let name) where meta.forEach != nil && !(schema[name] != nil && node(for: .name(name)) == nil):
            return (.name(name), rest)
        default: return (nil, path)
        }
    }
}

extension SpecificationNode {
    /// What stands at a path, or the nearest node around it.
    fileprivate func node(at path: AttributePath) -> SpecificationNode {
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
    fileprivate func part(at path: AttributePath) -> ValueExpression {
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
