public import PlumbModel

/// `plumb graph`: the declared resources and what each waits for, to be drawn.
public struct GraphOperation {
    private let session: StackSession

    public init(_ session: StackSession) { self.session = session }

    /// - Parameter plan: colours the nodes by what it does with them; nil for none.
    public func sketch(_ plan: Plan?) -> GraphSketch {
        let graph = session.graph
        let actions = Dictionary(
            (plan?.changes ?? []).map { ($0.address, $0.action) }, uniquingKeysWith: { first, _ in first })
        var nodes: [GraphSketch.Node] = []
        var edges: [GraphSketch.Edge] = []
        var lateNodes: [Int: Int] = [:]
        for node in graph.nodes {
            let address = graph.declarations[node.declaration].address.instance(node.key)
            nodes.append(.init(address: address.description, kind: kind(address), action: actions[address]))
        }
        for (index, declaration) in graph.declarations.enumerated() {
            guard case .deferred = declaration.expansion else { continue }
            lateNodes[index] = nodes.count
            nodes.append(
                .init(
                    address: declaration.address.description, kind: kind(declaration.address),
                    action: actions[declaration.address]))
        }
        func targets(_ declaration: Int) -> [Int] {
            lateNodes[declaration].map { [$0] } ?? Array(graph.declarations[declaration].instances)
        }
        for (index, node) in graph.nodes.enumerated() {
            let all = node.dependencies + graph.declarations[node.declaration].dependencies.flatMap(targets)
            edges += Set(all).sorted().map { .init(from: index, to: $0) }
        }
        for (declaration, index) in lateNodes.sorted(by: { $0.value < $1.value }) {
            let all = graph.declarations[declaration].dependencies.flatMap(targets)
            edges += Set(all).sorted().map { .init(from: index, to: $0) }
        }
        return GraphSketch(nodes: nodes, edges: edges)
    }

    private func kind(_ address: ResourceAddress) -> GraphSketch.Node.Kind {
        address.mode == .data ? .data : .resource
    }
}
