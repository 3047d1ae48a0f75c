internal import Expressions
internal import PlumbModel

/// Refuses to explain what the stack does not have.
struct TargetCheck {
    let graph: ResourceGraph

    func check(_ target: ExplanationTarget) throws(Diagnostics) {
        switch target.subject {
        case .variable(let name, let path):
            try check(name, "variable", path.prefix + "var.", try instance(path).content.variables.map(\.name))
        case .local(let name, let path):
            try check(name, "local", path.prefix + "local.", Array(try instance(path).content.locals.keys))
        case .output(let name, let path):
            let prefix = path.isEmpty ? "output." : path.prefix
            try check(name, "output", prefix, try instance(path).content.outputs.map(\.name))
        case .module(let path):
            guard let step = path.last else { return }
            let caller = try instance(Array(path.dropLast()))
            try check(call: step, of: caller)
            if step.key != nil { _ = try instance(path) }
        case .resource(let address):
            guard graph.declaration(at: address) == nil else { return }
            _ = try instance(address.module)
            let names = graph.declarations.map(\.address.description)
            throw unknown("resource", address.description, names)
        }
    }

    /// The instance of a module, or the stack itself.
    private func instance(_ path: [ResourceAddress.ModuleStep]) throws(Diagnostics) -> ModuleInstance {
        var current = graph.modules[0]
        for step in path {
            try check(call: step, of: current)
            guard let children = current.children[step.name], let next = children[step.key] else {
                throw noInstance(step, of: current)
            }
            current = graph.modules[next]
        }
        return current
    }

    private func check(call step: ResourceAddress.ModuleStep, of caller: ModuleInstance) throws(Diagnostics) {
        try check(step.name, "module", caller.path.prefix + "module.", caller.content.calls.map(\.name))
    }

    private func noInstance(_ step: ResourceAddress.ModuleStep, of caller: ModuleInstance) -> Diagnostics {
        let wanted = (caller.path + [step]).address
        let names = (caller.children[step.name]?.instances ?? []).map {
            (caller.path + [.init(step.name, key: $0.key)]).address
        }
        let hint = step.key == nil ? "" : Suggestion.didYouMean(wanted, among: names)
        let list = names.isEmpty ? "It has no instances." : "There are: \(Self.list(names))"
        let problem =
            step.key == nil && !names.isEmpty
            ? "\(wanted) has instances: say which one is meant." : "\(wanted) does not exist."
        return Diagnostics(.error("Unknown instance", "\(problem)\(hint) \(list)"))
    }

    private func check(
        _ name: String, _ kind: String, _ prefix: String, _ names: [String]
    ) throws(Diagnostics) {
        guard !names.contains(name) else { return }
        throw unknown(kind, prefix + name, names.map { prefix + $0 })
    }

    private func unknown(_ kind: String, _ name: String, _ names: [String]) -> Diagnostics {
        let hint = Suggestion.didYouMean(name, among: names)
        let rest =
            !hint.isEmpty
            ? hint : names.isEmpty ? " The stack has no \(kind)s." : " The stack has: \(Self.list(names.sorted()))"
        return Diagnostics(.error("Unknown \(kind)", "The stack has no \(kind) \"\(name)\".\(rest)"))
    }

    private static func list(_ names: [String]) -> String {
        names.prefix(8).joined(separator: ", ") + (names.count > 8 ? ", …" : ".")
    }
}
