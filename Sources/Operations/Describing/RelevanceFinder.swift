internal import PlumbModel

/// Finds the attributes of resources that contributed, directly or through others, to what a plan changes.
struct RelevanceFinder {
    private let graph: ResourceGraph
    private let outputs: [String: ResolvedOutput]
    private var found: [RelevantAttribute] = []
    private var known: Set<RelevantAttribute> = []
    private var visited: Set<Step> = []
    private var pending: [Step] = []

    /// A traversal, and the declaration in whose expressions it stands: what `each` and `count` mean there.
    private struct Step: Hashable {
        let traversal: Traversal
        let owner: Int?
    }

    init(_ graph: ResourceGraph) {
        self.graph = graph
        outputs = Dictionary(graph.outputs.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// In the order in which they are come upon.
    func find(_ plan: Plan) -> [RelevantAttribute] {
        var finder = self
        var seen: Set<Int> = []
        for change in plan.changes {
            guard let index = graph.declaration(at: change.address.resource), seen.insert(index).inserted else {
                continue
            }
            finder.note(graph.declarations[index].spec, owner: index)
        }
        for output in plan.outputs where output.action != .noOp {
            if let declared = outputs[output.name] { finder.note(declared.value, owner: nil) }
        }
        while let step = finder.pending.popLast() { finder.follow(step) }
        return finder.found
    }

    private mutating func note(_ expression: ValueExpression, owner: Int?) {
        for traversal in expression.traversals {
            if case .resource(let resource) = traversal.reference { add(resource, traversal) }
            let isLocalToOwner: Bool
            switch traversal.reference {
            case .eachKey, .eachValue, .countIndex: isLocalToOwner = true
            default: isLocalToOwner = false
            }
            let step = Step(traversal: traversal, owner: isLocalToOwner ? owner : nil)
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
        switch step.traversal.reference {
        case .local(let name):
            if let expression = graph.locals[name] { note(expression, owner: nil) }
        case .resource(let resource): follow(resource, step.traversal.path.steps)
        case .eachKey, .eachValue, .countIndex:
            guard let owner = step.owner else { return }
            let meta = graph.declarations[owner].meta
            if let expression = meta.forEach ?? meta.count { note(expression, owner: nil) }
        // Variables of the stack are given from outside; all others name no resource.
        case .variable, .module, .selfResource, .path, .stack, .environment, .bound: break
        }
    }

    /// Into the expressions of one attribute, or of all where none is named.
    private mutating func follow(_ resource: ResourceAddress, _ steps: [AttributePath.Step]) {
        guard let index = graph.declaration(at: resource) else { return }
        let spec = graph.declarations[index].spec
        guard case .key(let name)? = steps.first, case .object(let entries, _) = spec else {
            return note(spec, owner: index)
        }
        for entry in entries where entry.key == name { note(entry.value, owner: index) }
    }
}
