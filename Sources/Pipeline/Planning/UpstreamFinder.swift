internal import Expressions
internal import PlumbModel

/// Finds the changes that whoever refers to a resource has to wait for: its own, and where it stays as it is, those of
/// what it waits for itself.
struct UpstreamFinder {
    private let graph: ResourceGraph
    private let index: ChangeIndex
    /// By node: the changes behind it.
    private var nodes: [[Int]]
    /// By declaration: the changes behind all its instances.
    private var declarations: [[Int]]

    init(_ graph: ResourceGraph, _ index: ChangeIndex) {
        self.graph = graph
        self.index = index
        nodes = [[Int]](repeating: [], count: graph.nodes.count)
        declarations = [[Int]](repeating: [], count: graph.declarations.count)
        var missing = graph.declarations.map(\.instances.count)
        for entry in graph.order {
            switch entry {
            case .node(let number):
                let declaration = graph.nodes[number].declaration
                nodes[number] = changes(of: number)
                missing[declaration] -= 1
                if missing[declaration] == 0 {
                    declarations[declaration] = union(graph.declarations[declaration].instances.map { nodes[$0] })
                }
            case .deferred(let number): declarations[number] = changes(ofDeferred: number)
            }
        }
    }

    private func changes(of node: Int) -> [Int] {
        let declaration = graph.declarations[graph.nodes[node].declaration]
        let own = index.changes(ofInstance: declaration.address.instance(graph.nodes[node].key))
        if !own.isEmpty { return own }
        let sources =
            graph.nodes[node].dependencies.map { nodes[$0] } + declaration.dependencies.map { declarations[$0] }
        return union(sources)
    }

    /// Some of its instances may stay as they are, so what it waits for counts, too.
    private func changes(ofDeferred number: Int) -> [Int] {
        let declaration = graph.declarations[number]
        return union([index.changes(of: declaration.address)] + declaration.dependencies.map { declarations[$0] })
    }

    private func union(_ sources: [[Int]]) -> [Int] {
        let filled = sources.filter { !$0.isEmpty }
        guard filled.count > 1 else { return filled.first ?? [] }
        return Set(filled.joined()).sorted()
    }

    /// - Parameter address: an instance, or a resource of which all instances are meant.
    func changes(behind address: ResourceAddress) -> [Int] {
        guard let number = graph.declaration(at: address.resource) else { return index.changes(of: address) }
        if address.key == nil { return declarations[number] }
        guard let node = address.key.flatMap({ graph.declarations[number].node(for: $0) }) else {
            return index.changes(of: address)
        }
        return nodes[node]
    }
}
