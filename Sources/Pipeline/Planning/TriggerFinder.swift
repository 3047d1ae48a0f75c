internal import Expressions
internal import PlumbModel

/// Finds what `replace_triggered_by` names and this plan changes: a resource, an instance, or an attribute.
struct TriggerFinder {
    let graph: ResourceGraph
    /// The changes so far of what exists and stays, or comes back as another.
    let changes: [ResourceAddress: PlannedChange]
    /// The addresses of `changes`, and their resources without keys.
    let changed: Set<ResourceAddress>

    /// One step from a resource into its values.
    private enum Step {
        case attribute(String)
        case index(Expression)
    }

    /// - Returns: the triggers as people write them.
    func triggers(
        of instance: DeclaredInstance, _ scopes: ModuleScopes
    ) throws(Diagnostics) -> [String] {
        var triggers: [String] = []
        let module = graph.modules[instance.declaration.module].path
        for expression in instance.declaration.meta.replaceTriggeredBy {
            if case .expression(let parsed) = expression, let (resource, steps) = Self.path(parsed) {
                if let trigger = try trigger(resource.inside(module), steps, instance, scopes) {
                    triggers.append(trigger)
                }
                continue
            }
            triggers += expression.references.compactMap { found in
                guard case .resource(let named) = found.reference else { return nil }
                let resource = named.inside(module)
                let isChanged = changed.contains(found.key.map { resource.instance($0) } ?? resource)
                return isChanged ? "\(resource)\(found.key?.description ?? "")" : nil
            }
        }
        return triggers
    }

    /// Nil for what is no plain path into a resource.
    private static func path(_ expression: Expression) -> (ResourceAddress, [Step])? {
        switch expression.kind {
        case .reference(.resource(let address)): return (address, [])
        case .attribute(let operand, let name): return path(operand).map { ($0.0, $0.1 + [.attribute(name)]) }
        case .index(let operand, let key): return path(operand).map { ($0.0, $0.1 + [.index(key)]) }
        case .template(let parts):
            if parts.count == 1, case .interpolation(let inner) = parts[0] { return path(inner) }
            return nil
        default: return nil
        }
    }

    private func trigger(
        _ resource: ResourceAddress, _ steps: [Step], _ instance: DeclaredInstance, _ scopes: ModuleScopes
    ) throws(Diagnostics) -> String? {
        guard changed.contains(resource), let index = graph.declaration(at: resource) else { return nil }
        let evaluator = Evaluator(scope: instance.scope(scopes))
        var rest = steps[...]
        var address = resource
        let meta = graph.declarations[index].meta
        if meta.forEach != nil || meta.count != nil {
            guard case .index(let key)? = rest.first else { return resource.description }
            let value = try evaluator.evaluate(key)
            guard let found = value.asString.map(InstanceKey.name) ?? value.asInt.map(InstanceKey.index) else {
                throw Diagnostics(
                    .error(
                        "Invalid lifecycle value",
                        "A key in `replace_triggered_by` must be known when the plan is made.",
                        address: instance.address, at: key.range))
            }
            address = resource.instance(found)
            rest = rest.dropFirst()
        }
        guard let change = changes[address] else { return nil }
        if rest.isEmpty { return address.description }
        var path = AttributePath()
        for step in rest {
            switch step {
            case .attribute(let name): path = path.appending(.key(name))
            case .index(let key):
                let value = try evaluator.evaluate(key)
                guard let step = value.asString.map(AttributePath.Step.key) ?? value.asInt.map(AttributePath.Step.index)
                else { return address.description }
                path = path.appending(step)
            }
        }
        let (before, after) = (change.before?[path: path] ?? .null, change.after?[path: path] ?? .null)
        return before.isSame(as: after) && after.isWhollyKnown ? nil : "\(address).\(path)"
    }
}
