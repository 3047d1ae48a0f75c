internal import Expressions
internal import PlumbModel

/// Which declarations replace by creating first: those that ask for it, and all that they wait for. Otherwise the old
/// dependency would have to go while the old dependent is still there.
struct CreateFirst {
    private var members: Set<Int> = []
    private(set) var diagnostics = Diagnostics()

    init(_ graph: ResourceGraph, _ scopes: ModuleScopes) {
        for (index, declaration) in graph.declarations.enumerated() {
            guard let expression = declaration.meta.createBeforeDestroy else { continue }
            let evaluator = Evaluator(scope: InstanceScope(scopes, in: declaration.module))
            let asked = diagnostics.collect { () throws(Diagnostics) in
                let value = try evaluator.evaluate(expression)
                guard let flag = (try? value.converted(to: .bool))?.asBool else {
                    throw Diagnostics(
                        .error(
                            "Invalid lifecycle value",
                            "`create_before_destroy` must be true or false and known when the plan is made.",
                            address: declaration.address, at: expression.range))
                }
                return flag
            }
            if asked == true { members.insert(index) }
        }
        guard !members.isEmpty else { return }
        var pending = Array(members)
        while let index = pending.popLast() {
            let declaration = graph.declarations[index]
            let own = declaration.instances.flatMap { graph.nodes[$0].dependencies }.map { graph.nodes[$0].declaration }
            for dependency in declaration.dependencies + own where members.insert(dependency).inserted {
                pending.append(dependency)
            }
        }
    }

    func contains(_ declaration: Int) -> Bool { members.contains(declaration) }
}
