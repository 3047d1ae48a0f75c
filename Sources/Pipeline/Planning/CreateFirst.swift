internal import Expressions
internal import PlumbModel

/// Which instances replace by creating first: those that ask for it, and all that they wait for. Otherwise the old
/// dependency would have to go while the old dependent is still there.
struct CreateFirst {
    /// Whole declarations, and single nodes of others.
    private var declarations: Set<Int> = []
    private var nodes: Set<Int> = []
    private(set) var diagnostics = Diagnostics()

    init(_ graph: ResourceGraph, _ scopes: ModuleScopes) {
        for (index, declaration) in graph.declarations.enumerated() {
            guard let expression = declaration.meta.createBeforeDestroy else { continue }
            guard expression.references.contains(where: \.reference.isOfInstance), !declaration.instances.isEmpty else {
                let scope = InstanceScope(scopes, in: declaration.module)
                if isAsked(expression, declaration.address, scope) { declarations.insert(index) }
                continue
            }
            for node in declaration.instances {
                let instance = graph.nodes[node]
                let own = InstanceScope(
                    scopes, in: declaration.module, key: instance.key, eachValue: instance.eachValue)
                if isAsked(expression, declaration.address.instance(instance.key), own) { nodes.insert(node) }
            }
        }
        guard !declarations.isEmpty || !nodes.isEmpty else { return }
        spread(graph)
    }

    private mutating func isAsked(
        _ expression: ValueExpression, _ address: ResourceAddress, _ scope: InstanceScope
    ) -> Bool {
        let asked = diagnostics.collect { () throws(Diagnostics) in
            let value = try Evaluator(scope: scope).evaluate(expression)
            guard let flag = (try? value.converted(to: .bool))?.asBool else {
                throw Diagnostics(
                    .error(
                        "Invalid lifecycle value",
                        "`create_before_destroy` must be true or false and known when the plan is made.",
                        address: address, at: expression.range))
            }
            return flag
        }
        return asked ?? false
    }

    private mutating func spread(_ graph: ResourceGraph) {
        var pendingDeclarations = Array(declarations)
        var pendingNodes = Array(nodes)
        while true {
            let shared: [Int]
            let single: [Int]
            if let index = pendingDeclarations.popLast() {
                let declaration = graph.declarations[index]
                shared = declaration.dependencies
                single = declaration.instances.flatMap { graph.nodes[$0].dependencies }
            } else if let node = pendingNodes.popLast() {
                shared = graph.declarations[graph.nodes[node].declaration].dependencies
                single = graph.nodes[node].dependencies
            } else {
                break
            }
            for dependency in shared where declarations.insert(dependency).inserted {
                pendingDeclarations.append(dependency)
            }
            for node in single where !declarations.contains(graph.nodes[node].declaration) {
                if nodes.insert(node).inserted { pendingNodes.append(node) }
            }
        }
    }

    /// - Parameter node: nil for an instance that is expanded while planning.
    func contains(_ declaration: Int, node: Int?) -> Bool {
        declarations.contains(declaration) || node.map(nodes.contains) == true
    }
}

extension Reference {
    /// Whether it differs from instance to instance.
    fileprivate var isOfInstance: Bool {
        switch self {
        case .eachKey, .eachValue, .countIndex: true
        default: false
        }
    }
}
