internal import PlumbModel

/// Finds what something of a stack depends on, and what depends on it.
struct DependencyFinder {
    let graph: ResourceGraph
    let specification: Specification

    // MARK: - Places

    /// - Parameter module: where the reference stands; nil is returned for what only the module's own files tell.
    func place(of reference: Reference, in module: [ResourceAddress.ModuleStep] = []) -> SourceLocation? {
        switch reference {
        case .variable(let name) where module.isEmpty:
            specification.variables.first { $0.name == name }?.nameRange.location
        case .local(let name) where module.isEmpty:
            specification.locals.first { $0.name == name }?.nameRange.location
        case .resource(let address):
            graph.declaration(at: address.placed(in: module)).map { graph.declarations[$0].range.location }
        default: nil
        }
    }

    private func link(
        _ reference: Reference, in module: [ResourceAddress.ModuleStep] = []
    ) -> Explanation.Link? {
        let address: String
        switch reference {
        case .variable(let name): address = "\(module.prefix)var.\(name)"
        case .local(let name): address = "\(module.prefix)local.\(name)"
        case .resource(let resource): address = resource.placed(in: module).description
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
    func dependencies(of expression: ValueExpression) -> [Explanation.Link] {
        distinct(expression.references.compactMap { link($0.reference) })
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

    /// What names a variable or a local itself.
    func dependents(on reference: Reference) -> [Explanation.Link] {
        var links: [Explanation.Link] = []
        for local in specification.locals where graph.root.locals[local.name]?.names(reference) ?? false {
            links.append(Explanation.Link(address: "local.\(local.name)", declaredAt: local.nameRange.location))
        }
        for (index, declaration) in graph.declarations.enumerated()
        where declaration.address.module.isEmpty && declaration.expressions.contains(where: { $0.names(reference) }) {
            links.append(link(index))
        }
        return distinct(links + outputs { $0.names(reference) })
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
        links += outputs { output in
            output.names(.resource(address)) || behind.contains { output.names(.local($0)) }
        }
        return distinct(links)
    }

    private func outputs(_ isWanted: (ValueExpression) -> Bool) -> [Explanation.Link] {
        graph.root.outputs.filter { isWanted($0.value) }.map {
            Explanation.Link(address: "output.\($0.name)", declaredAt: $0.range.location)
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
    }
}

extension ValueExpression {
    fileprivate func names(_ reference: Reference) -> Bool { references.contains { $0.reference == reference } }
}

extension ResourceAddress {
    /// The address as the stack has it, of what a module calls by this one.
    func placed(in module: [ModuleStep]) -> ResourceAddress {
        module.isEmpty
            ? self : ResourceAddress(type, name, key: key, mode: mode, module: module + self.module)
    }
}

extension [ResourceAddress.ModuleStep] {
    /// `module.net["eu"].`, or nothing for the stack itself.
    fileprivate var prefix: String { map { "module.\($0.name)\($0.key?.description ?? "")." }.joined() }
}
