internal import Expressions
internal import PlumbModel
internal import Resolving

/// Tells of each thing that an expression refers to what its value is and where that comes from.
struct InputTracer {
    let finder: DependencyFinder
    let values: StackValues
    let plan: Plan
    /// By name; the one that counts.
    let given: [String: GivenVariable]

    /// - Parameters:
    ///   - scope: what the expression is evaluated in.
    ///   - module: where it stands.
    ///   - meta: of the resource or the call of a module that it belongs to; nil for locals and outputs.
    func inputs(
        of expression: ValueExpression, in scope: InstanceScope, module: [ResourceAddress.ModuleStep] = [],
        meta: ResolvedResource.Meta? = nil
    ) -> [Explanation.Input] {
        expression.traversals.compactMap { part in
            // What an expression tries may fail by itself: then there is no value to tell.
            guard let root = part.root, let value = try? Evaluator(scope: scope).evaluate(part) else { return nil }
            return Explanation.Input(
                text: part.range.text, value: value, origin: origin(root, part, value, module, meta),
                declaredAt: finder.place(of: root, in: module))
        }
    }

    private func origin(
        _ root: Reference, _ part: Expression, _ value: Value, _ module: [ResourceAddress.ModuleStep],
        _ meta: ResolvedResource.Meta?
    ) -> Explanation.Input.Origin {
        switch root {
        case .variable(let name): return origin(ofVariable: name, in: module)
        case .local(let name):
            guard module.isEmpty else { return .expression("") }
            let node = finder.specification.locals.first { $0.name == name }?.node
            return .expression(node?.range.text ?? "")
        case .resource(let address): return origin(of: address.inside(module), part.steps?.steps.first, value)
        case .eachKey, .eachValue: return .expression("for_each: \(meta?.forEach?.range.text ?? "")")
        case .countIndex: return .expression("count: \(meta?.count?.range.text ?? "")")
        case .module: return value.isWhollyKnown ? .module : .afterApply
        case .selfResource, .path, .stack, .environment, .bound: return .stack
        }
    }

    func origin(ofVariable name: String, in module: [ResourceAddress.ModuleStep]) -> Explanation.Input.Origin {
        guard let call = finder.call(of: module) else {
            return given[name].map { .given($0.origin) } ?? .defaultValue
        }
        return call.inputs[name].map { .given("the call of the module, \($0.range.location)") } ?? .defaultValue
    }

    /// - Parameter step: the first one behind the address: the instance's key, where the resource has several.
    private func origin(
        of address: ResourceAddress, _ step: AttributePath.Step?, _ value: Value
    ) -> Explanation.Input.Origin {
        let isData = address.mode == .data
        let changes = plan.changes.filter { change in
            guard change.address.resource == address, change.deposedKey == nil else { return false }
            switch (change.address.key, step) {
            case (.name(let name), .key(let key)): return name == key
            case (.index(let one), .index(let other)): return one == other
            default: return true
            }
        }
        if changes.contains(where: { $0.action == .read }) { return .readLater }
        if !value.isWhollyKnown { return .afterApply }
        if isData { return .read }
        return changes.isEmpty ? .recorded : .planned
    }
}
