internal import PlumbModel

/// Finds the attributes of resources that contributed, directly or through others, to what a plan changes.
struct RelevanceFinder {
    private let graph: ResourceGraph
    private var found: [RelevantAttribute] = []
    private var known: Set<RelevantAttribute> = []
    private var visited: Set<Step> = []
    private var pending: [Step] = []

    /// A traversal, the module in which it stands, and the declaration in whose expressions it stands: what `each` and
    /// `count` mean there.
    private struct Step: Hashable {
        let traversal: Traversal
        let module: Int
        let owner: Int?
    }

    init(_ graph: ResourceGraph) { self.graph = graph }

    /// In the order in which they are come upon.
    func find(_ plan: Plan) -> [RelevantAttribute] {
        var finder = self
        var seen: Set<Int> = []
        for change in plan.changes {
            guard let index = graph.declaration(at: change.address.resource), seen.insert(index).inserted else {
                continue
            }
            finder.note(graph.declarations[index].spec, in: graph.declarations[index].module, owner: index)
        }
        for output in plan.outputs where output.action != .noOp {
            if let declared = graph.root.output(output.name) { finder.note(declared.value, in: 0) }
        }
        let touched = Set(plan.changes.map(\.address.module))
        for (number, instance) in graph.modules.enumerated() where number > 0 {
            guard touched.contains(where: { $0.starts(with: instance.path) }) else { continue }
            for output in instance.content.outputs { finder.note(output.value, in: number) }
        }
        while let step = finder.pending.popLast() { finder.follow(step) }
        return finder.found
    }

    private mutating func note(_ expression: ValueExpression, in module: Int, owner: Int? = nil) {
        for traversal in expression.literalTraversals {
            if case .resource(let resource) = traversal.reference {
                add(resource.inside(graph.modules[module].path), traversal)
            }
            let isLocalToOwner: Bool
            switch traversal.reference {
            case .eachKey, .eachValue, .countIndex: isLocalToOwner = true
            default: isLocalToOwner = false
            }
            let step = Step(traversal: traversal, module: module, owner: isLocalToOwner ? owner : nil)
            if visited.insert(step).inserted { pending.append(step) }
        }
    }

    private mutating func add(_ resource: ResourceAddress, _ traversal: Traversal) {
        guard let index = graph.declaration(at: resource) else { return }
        var path = traversal.path
        // Only what the type has is an attribute.
        if case .key(let name)? = path.steps.first, graph.declarations[index].schema[name] == nil {
            path = AttributePath()
        }
        let attribute = RelevantAttribute(resource: resource.instance(traversal.key), attribute: path)
        if known.insert(attribute).inserted { found.append(attribute) }
    }

    /// What the value behind a traversal is made from.
    private mutating func follow(_ step: Step) {
        let instance = graph.modules[step.module]
        switch step.traversal.reference {
        case .local(let name):
            if let expression = instance.content.locals[name] { note(expression, in: step.module) }
        case .resource(let resource): follow(resource.inside(instance.path), step.traversal.path.steps)
        case .eachKey, .eachValue, .countIndex:
            guard let owner = step.owner else { return }
            let meta = graph.declarations[owner].meta
            if let expression = meta.forEach ?? meta.count { note(expression, in: step.module) }
        case .variable(let name):
            // Variables of the stack are given from outside.
            guard let caller = instance.caller, let call = instance.path.last?.name else { return }
            if let input = graph.modules[caller].content.call(call)?.inputs[name] { note(input, in: caller) }
        case .module(let name): follow(module: name, step)
        case .selfResource, .path, .stack, .environment, .bound: break
        }
    }

    /// Into the one output that is meant, or all of them.
    private mutating func follow(module name: String, _ step: Step) {
        for (key, child) in graph.modules[step.module].children[name]?.instances ?? [] {
            guard step.traversal.key == nil || step.traversal.key == key else { continue }
            for output in graph.modules[child].content.outputs {
                if case .attribute(let wanted)? = step.traversal.steps.first, wanted != output.name { continue }
                note(output.value, in: child)
            }
        }
    }

    /// Into the expressions of one attribute, or of all where none is named.
    private mutating func follow(_ resource: ResourceAddress, _ steps: [AttributePath.Step]) {
        guard let index = graph.declaration(at: resource) else { return }
        let (spec, module) = (graph.declarations[index].spec, graph.declarations[index].module)
        guard case .key(let name)? = steps.first, case .object(let entries, _) = spec else {
            return note(spec, in: module, owner: index)
        }
        for entry in entries where entry.key == name { note(entry.value, in: module, owner: index) }
    }
}
