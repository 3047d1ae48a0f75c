internal import PlumbModel

/// Finds what something of a stack depends on, and what depends on it.
struct DependencyFinder {
    let graph: ResourceGraph
    let specification: Specification

    // MARK: - Places

    /// - Parameter module: where the reference stands.
    func place(of reference: Reference, in module: [ResourceAddress.ModuleStep] = []) -> SourceLocation? {
        let content = instance(at: module)?.content
        switch reference {
        case .variable(let name): return content?.variable(name)?.nameRange.location
        case .local(let name) where module.isEmpty:
            return specification.locals.first { $0.name == name }?.nameRange.location
        case .local(let name): return content?.locals[name]?.range.location
        case .resource(let address):
            return graph.declaration(at: address.inside(module)).map { graph.declarations[$0].range.location }
        case .module(let name): return content?.call(name)?.range.location
        default: return nil
        }
    }

    private func instance(at module: [ResourceAddress.ModuleStep]) -> ModuleInstance? {
        graph.modules.first { $0.path == module }
    }

    /// The call that made a module's instance; nil for the stack itself.
    func call(of module: [ResourceAddress.ModuleStep]) -> ModuleCall? {
        guard let step = module.last, let caller = instance(at: module)?.caller else { return nil }
        return graph.modules[caller].content.call(step.name)
    }

    private func link(
        _ reference: Reference, in module: [ResourceAddress.ModuleStep] = []
    ) -> Explanation.Link? {
        let address: String
        switch reference {
        case .variable(let name): address = "\(module.prefix)var.\(name)"
        case .local(let name): address = "\(module.prefix)local.\(name)"
        case .resource(let resource): address = resource.inside(module).description
        case .module(let name): address = "\(module.prefix)module.\(name)"
        default: return nil
        }
        return Explanation.Link(address: address, declaredAt: place(of: reference, in: module))
    }

    private func link(_ declaration: Int, _ key: InstanceKey? = nil) -> Explanation.Link {
        let resource = graph.declarations[declaration]
        return Explanation.Link(
            address: resource.address.instance(key).description, declaredAt: resource.range.location)
    }

    // MARK: - What is needed

    /// Of an expression: all that it names.
    ///
    /// - Parameter module: where it stands.
    func dependencies(
        of expressions: [ValueExpression], in module: [ResourceAddress.ModuleStep] = []
    ) -> [Explanation.Link] {
        distinct(expressions.flatMap(\.references).compactMap { link($0.reference, in: module) })
    }

    /// Of one instance of a declaration, or of all where it has none yet; with the variables and locals that the
    /// declaration names.
    func dependencies(ofDeclaration index: Int, node: Int?) -> [Explanation.Link] {
        let declaration = graph.declarations[index]
        let nodes = node.map { [$0] } ?? Array(declaration.instances)
        var links: [Explanation.Link] = []
        for found in nodes.flatMap({ graph.nodes[$0].dependencies }) {
            links.append(link(graph.nodes[found].declaration, graph.nodes[found].key))
        }
        links += declaration.dependencies.map { link($0) }
        for found in declaration.expressions.flatMap(\.references) {
            if case .resource = found.reference { continue }
            if let link = link(found.reference, in: declaration.address.module) { links.append(link) }
        }
        return distinct(links)
    }

    // MARK: - What needs it

    /// What names a variable, a local or a module itself.
    ///
    /// - Parameter module: where it is declared: an index into `ResourceGraph.modules`.
    func dependents(on reference: Reference, in module: Int = 0) -> [Explanation.Link] {
        let path = graph.modules[module].path
        let content = graph.modules[module].content
        var links = localNames(in: module).filter { content.locals[$0]?.names(reference) ?? false }.compactMap {
            link(.local($0), in: path)
        }
        for (index, declaration) in graph.declarations.enumerated()
        where declaration.module == module && declaration.expressions.contains(where: { $0.names(reference) }) {
            links.append(link(index))
        }
        for call in content.calls where call.expressions.contains(where: { $0.names(reference) }) {
            if let link = link(.module(call.name), in: path) { links.append(link) }
        }
        return distinct(links + outputs(of: module) { $0.names(reference) })
    }

    /// In the order of writing, as far as it is known.
    private func localNames(in module: Int) -> [String] {
        module == 0 ? specification.locals.map(\.name) : graph.modules[module].content.locals.keys.sorted()
    }

    /// What waits for a declaration, or for one instance of it.
    func dependents(onDeclaration index: Int, node: Int?) -> [Explanation.Link] {
        let address = graph.declarations[index].address
        let wanted = node.map { [$0] } ?? Array(graph.declarations[index].instances)
        var links: [Explanation.Link] = []
        for (other, declaration) in graph.declarations.enumerated() {
            if declaration.dependencies.contains(index) {
                links.append(link(other))
                continue
            }
            for instance in declaration.instances
            where graph.nodes[instance].dependencies.contains(where: wanted.contains) {
                links.append(link(other, graph.nodes[instance].key))
            }
        }
        // Names of a module are known to nobody outside of it.
        guard address.module.isEmpty else { return distinct(links) }
        let behind = localsNaming(.resource(address))
        links += specification.locals.filter { graph.root.locals[$0.name]?.names(.resource(address)) ?? false }.map {
            Explanation.Link(address: "local.\($0.name)", declaredAt: $0.nameRange.location)
        }
        links += outputs(of: 0) { output in
            output.names(.resource(address)) || behind.contains { output.names(.local($0)) }
        }
        return distinct(links)
    }

    private func outputs(of module: Int, _ isWanted: (ValueExpression) -> Bool) -> [Explanation.Link] {
        let path = graph.modules[module].path
        return graph.modules[module].content.outputs.filter { isWanted($0.value) }.map {
            Explanation.Link(
                address: path.isEmpty ? "output.\($0.name)" : path.prefix + $0.name, declaredAt: $0.range.location)
        }
    }

    /// The locals through which something is named, directly or not.
    private func localsNaming(_ reference: Reference) -> Set<String> {
        var found: Set<String> = []
        var pending = [reference]
        while let current = pending.popLast() {
            for (name, expression) in graph.root.locals where expression.names(current) {
                if found.insert(name).inserted { pending.append(.local(name)) }
            }
        }
        return found
    }

    private func distinct(_ links: [Explanation.Link]) -> [Explanation.Link] {
        var seen: Set<Explanation.Link> = []
        return links.filter { seen.insert($0).inserted }
    }
}

extension ResolvedResource {
    /// `spec` and everything beside it.
    fileprivate var expressions: [ValueExpression] {
        let conditions = (meta.preconditions + meta.postconditions).flatMap { [$0.condition, $0.message] }
        let flags = [
            meta.forEach, meta.count, meta.enabled, meta.createBeforeDestroy, meta.preventDestroy, meta.retain,
            meta.readyWhen,
        ]
        return [spec] + flags.compactMap(\.self) + meta.replaceTriggeredBy + conditions
            + (meta.drift?.expressions ?? [])
    }
}

extension ValueExpression {
    fileprivate func names(_ reference: Reference) -> Bool { references.contains { $0.reference == reference } }
}

extension ModuleCall {
    /// What its inputs and the instances that it has are made from.
    var expressions: [ValueExpression] {
        inputs.sorted { $0.key < $1.key }.map(\.value) + [meta.forEach, meta.count, meta.enabled].compactMap(\.self)
    }
}

extension [ResourceAddress.ModuleStep] {
    /// `module.net["eu"]`
    var address: String { map { "module.\($0.name)\($0.key?.description ?? "")" }.joined(separator: ".") }

    /// `module.net["eu"].`, or nothing for the stack itself.
    var prefix: String { isEmpty ? "" : address + "." }
}
