internal import PlumbModel

/// Which outputs a plan with `--target` and `--exclude` is about: those of which all resources are.
///
/// With targets, an output that names no resource is left alone, too; so is one that is no longer declared.
struct OutputSelection {
    private let graph: ResourceGraph
    private let options: PlanOptions
    private let selection: Selection

    init(_ graph: ResourceGraph, _ options: PlanOptions, _ selection: Selection) {
        self.graph = graph
        self.options = options
        self.selection = selection
    }

    private var isEverything: Bool { options.targets.isEmpty && options.excludes.isEmpty }

    /// Those of the recorded outputs that are no longer declared and that the plan is about.
    func undeclared(_ recorded: [OutputRecord]) -> [OutputRecord] {
        guard isEverything else { return [] }
        let names = Set(graph.root.outputs.map(\.name))
        return recorded.filter { !names.contains($0.name) }
    }

    func includes(_ output: ResolvedOutput) -> Bool {
        guard !isEverything else { return true }
        let resources = resources(behind: output.value)
        guard !resources.isEmpty else { return options.targets.isEmpty }
        return resources.allSatisfy(isSelected)
    }

    private struct Named {
        let declaration: Int
        let key: InstanceKey?
    }

    /// Locals, outputs and variables of modules followed through.
    private func resources(behind expression: ValueExpression) -> [Named] {
        var found: [Named] = []
        var seen: Set<String> = []
        var pending = expression.references.map { (0, $0) }
        func follow(_ expression: ValueExpression?, in module: Int, as name: String) {
            guard let expression, seen.insert("\(module) \(name)").inserted else { return }
            pending += expression.references.map { (module, $0) }
        }
        while let (module, reference) = pending.popLast() {
            let instance = graph.modules[module]
            switch reference.reference {
            case .resource(let address):
                guard let index = graph.declaration(at: address.resource.inside(instance.path)) else { continue }
                found.append(Named(declaration: index, key: reference.key))
            case .local(let name): follow(instance.content.locals[name], in: module, as: "local.\(name)")
            case .variable(let name):
                guard let caller = instance.caller, let call = instance.path.last?.name else { continue }
                let input = graph.modules[caller].content.call(call)?.inputs[name]
                follow(input, in: caller, as: "\(module) var.\(name)")
            case .module(let name):
                for (key, child) in instance.children[name]?.instances ?? [] {
                    guard reference.key == nil || reference.key == key else { continue }
                    for output in graph.modules[child].content.outputs {
                        guard reference.output == nil || reference.output == output.name else { continue }
                        follow(output.value, in: child, as: "output.\(output.name)")
                    }
                }
            default: continue
            }
        }
        return found
    }

    private func isSelected(_ named: Named) -> Bool {
        let declaration = graph.declarations[named.declaration]
        if case .deferred = declaration.expansion { return selection.includes(declaration: named.declaration) }
        return declaration.instances.allSatisfy { node in
            (named.key != nil && graph.nodes[node].key != named.key) || selection.includes(node: node)
        }
    }
}
