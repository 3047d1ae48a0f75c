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
        let names = Set(graph.outputs.map(\.name))
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

    /// Locals followed through.
    private func resources(behind expression: ValueExpression) -> [Named] {
        var found: [Named] = []
        var seen: Set<String> = []
        var pending = expression.references
        while let reference = pending.popLast() {
            switch reference.reference {
            case .resource(let address):
                guard let index = graph.declaration(at: address.resource) else { continue }
                found.append(Named(declaration: index, key: reference.key))
            case .local(let name):
                guard seen.insert(name).inserted, let local = graph.locals[name] else { continue }
                pending += local.references
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
