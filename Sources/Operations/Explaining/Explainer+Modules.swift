internal import Expressions
internal import PlumbModel

/// Explains calls of modules: all instances together, and single ones.
extension Explainer {
    func module(_ path: [ResourceAddress.ModuleStep]) throws(Diagnostics) -> Explanation {
        let caller = Array(path.dropLast())
        guard let step = path.last, let outer = graph.modules.firstIndex(where: { $0.path == caller }),
            let call = graph.modules[outer].content.call(step.name)
        else { preconditionFailure("the target was checked against the graph") }
        var explanation = Explanation(
            address: path.address, kind: .module, declaredAt: call.range.location)
        explanation.dependencies = finder.dependencies(of: call.expressions, in: caller)
        explanation.dependents = finder.dependents(on: .module(step.name), in: outer)
        let children = graph.modules[outer].children[step.name]
        if let module = children?[step.key] {
            try describe(module, &explanation)
        } else {
            explanation.instances = (children?.instances ?? []).map {
                (caller + [.init(step.name, key: $0.key)]).address
            }
            if case .disabled? = children?.shape { explanation.isDisabled = true }
            if let expression = call.meta.forEach ?? call.meta.count {
                let name = call.meta.forEach == nil ? "count" : "for_each"
                explanation.expression = "\(name): \(expression.range.text)"
                explanation.inputs = tracer.inputs(of: expression, in: values.scope(in: outer), module: caller)
            }
        }
        return explanation
    }

    /// One instance: what it is given, and what it gives out.
    private func describe(_ module: Int, _ explanation: inout Explanation) throws(Diagnostics) {
        let (path, content) = (graph.modules[module].path, graph.modules[module].content)
        let scope = values.scope(in: module)
        for variable in content.variables {
            let origin = tracer.origin(ofVariable: variable.name, in: path)
            explanation.inputs.append(
                .init(
                    text: "var.\(variable.name)",
                    value: try scope.value(of: .variable(variable.name), at: variable.nameRange), origin: origin,
                    declaredAt: origin == .defaultValue ? variable.defaultValue?.range.location : nil))
        }
        var outputs: [(String, Value)] = []
        for output in content.outputs {
            let value = try Evaluator(scope: scope).evaluate(output.value)
            outputs.append((output.name, value.sensitive(output.isSensitive)))
        }
        explanation.values = [.init(.planned, .object(ValueMap(outputs)))]
    }
}
