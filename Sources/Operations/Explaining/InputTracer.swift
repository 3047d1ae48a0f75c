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
    ///   - declaration: of the resource that it belongs to; nil for locals and outputs.
    func inputs(
        of expression: ValueExpression, in scope: InstanceScope, _ declaration: ResolvedResource?
    ) -> [Explanation.Input] {
        expression.traversals.compactMap { part in
            // What an expression tries may fail by itself: then there is no value to tell.
            guard let root = part.root, let value = try? Evaluator(scope: scope).evaluate(part) else { return nil }
            return Explanation.Input(
                text: part.range.text, value: value, origin: origin(root, part, value, declaration),
                declaredAt: finder.place(of: root, in: declaration?.address.module ?? []))
        }
    }

    private func origin(
        _ root: Reference, _ part: Expression, _ value: Value, _ declaration: ResolvedResource?
    ) -> Explanation.Input.Origin {
        let module = declaration?.address.module ?? []
        switch root {
        case .variable where !module.isEmpty: return .given("the call of the module")
        case .variable(let name): return given[name].map { .given($0.origin) } ?? .defaultValue
        case .local(let name):
            guard module.isEmpty else { return .expression("") }
            let node = finder.specification.locals.first { $0.name == name }?.node
            return .expression(node?.range.text ?? "")
        case .resource(let address): return origin(of: address.placed(in: module), part.steps?.steps.first, value)
        case .eachKey, .eachValue: return .expression("for_each: \(declaration?.meta.forEach?.range.text ?? "")")
        case .countIndex: return .expression("count: \(declaration?.meta.count?.range.text ?? "")")
        case .module: return value.isWhollyKnown ? .module : .afterApply
        case .selfResource, .path, .stack, .environment, .bound: return .stack
        }
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
