internal import Expressions
internal import PlumbModel
internal import StateBackendAPI

/// Explains resources: as a whole, all instances together, and single attributes.
extension Explainer {
    func resource(_ address: ResourceAddress, _ path: AttributePath) throws(Diagnostics) -> Explanation {
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
        if case .disabled = declaration.expansion { explanation.isDisabled = true }
        if key == nil, declaration.isRepeated {
            try repeated(declaration, &explanation)
        } else {
            let instance = try Instance(declaration, key, self)
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
        if case .deferred = declaration.expansion {
            try checkLate(declaration, key, rest)
            return nil
        }
        if let key {
            if let node = declaration.node(for: key) { return node }
            throw Diagnostics(
                .error(
                    "Unknown instance",
                    "\(declaration.address)\(key) does not exist. \(declaration.instancesSentence)"))
        }
        guard declaration.isRepeated else { return declaration.instances.first }
        if !rest.steps.isEmpty {
            throw severalInstances(declaration, declaration.instances.first.flatMap { graph.nodes[$0].key }, rest)
        }
        return nil
    }

    private func checkLate(
        _ declaration: ResolvedResource, _ key: InstanceKey?, _ rest: AttributePath
    ) throws(Diagnostics) {
        guard declaration.isRepeated else { return }
        let keys = try values.lateInstances(of: declaration).map(\.key)
        guard let key else {
            if !rest.steps.isEmpty { throw severalInstances(declaration, keys.first ?? nil, rest) }
            return
        }
        guard !keys.contains(key) else { return }
        let names = keys.compactMap(\.self).map { "\(declaration.address)\($0)" }
        let hint = Suggestion.didYouMean("\(declaration.address)\(key)", among: names)
        throw Diagnostics(
            .error(
                "Unknown instance",
                "\(declaration.address)\(key) does not exist.\(hint) \(declaration.instancesSentence)"))
    }

    private func severalInstances(
        _ declaration: ResolvedResource, _ key: InstanceKey?, _ rest: AttributePath
    ) -> Diagnostics {
        Diagnostics(
            .error(
                "Unknown instance",
                "\(declaration.address) has \(declaration.meta.count == nil ? "`for_each`" : "`count`"): say which "
                    + "instance is meant, such as '\(declaration.address)\(key?.description ?? "[0]")\(rest.suffix)'. "
                    + declaration.instancesSentence))
    }

    private func repeated(_ declaration: ResolvedResource, _ explanation: inout Explanation) throws(Diagnostics) {
        let expression = declaration.meta.forEach ?? declaration.meta.count
        if case .deferred = declaration.expansion {
            explanation.instances = try values.lateInstances(of: declaration).map {
                declaration.address.instance($0.key).description
            }
        } else {
            explanation.instances = declaration.instances.map {
                declaration.address.instance(graph.nodes[$0].key).description
            }
        }
        guard let expression else { return }
        let name = declaration.meta.forEach == nil ? "count" : "for_each"
        explanation.expression = "\(name): \(expression.range.text)"
        explanation.inputs = tracer.inputs(
            of: expression, in: values.scope(in: declaration.module), module: declaration.address.module,
            meta: declaration.meta)
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

        init(_ declaration: ResolvedResource, _ key: InstanceKey?, _ explainer: Explainer) throws(Diagnostics) {
            let address = declaration.address.instance(key)
            self.declaration = declaration
            self.address = address
            scope = try explainer.values.scope(of: key, declaration)
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
                spec?[attribute.name]?.range, declaration.spec.part(at: path),
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
            explanation.inputs = tracer.inputs(
                of: expression, in: instance.scope, module: declaration.address.module, meta: declaration.meta)
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
        explanation.expression = shown(node?.range, expression, isSecret: isSecret)
        guard explanation.values.isEmpty, path.steps.count > 1 else { return }
        throw noSuchPart("\(instance.address)", path)
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
