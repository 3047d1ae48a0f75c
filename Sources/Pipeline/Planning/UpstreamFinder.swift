internal import Expressions
internal import PlumbModel

/// Finds the changes that whoever refers to a resource has to wait for: its own, and where it stays as it is, those of
/// what it waits for itself.
struct UpstreamFinder {
    private let graph: ResourceGraph
    private let index: ChangeIndex
    /// Changes, in ascending order. Many resources share one list, so it is named by its index; the first is empty.
    private(set) var lists: [[Int]] = [[]]
    /// By node: the list of the changes behind it.
    private var nodes: [Int]
    /// By declaration: the list of the changes behind all its instances.
    private var declarations: [Int]
    /// By the lists that they are made of.
    private var unions: [[Int]: Int] = [:]
    /// Of what is no longer declared.
    private var others: [ResourceAddress: Int] = [:]

    init(_ graph: ResourceGraph, _ index: ChangeIndex) {
        self.graph = graph
        self.index = index
        nodes = [Int](repeating: 0, count: graph.nodes.count)
        declarations = [Int](repeating: 0, count: graph.declarations.count)
        var missing = graph.declarations.map(\.instances.count)
        for entry in graph.order {
            switch entry {
            case .node(let number):
                let declaration = graph.nodes[number].declaration
                nodes[number] = list(of: number)
                missing[declaration] -= 1
                if missing[declaration] == 0 {
                    declarations[declaration] = union(graph.declarations[declaration].instances.map { nodes[$0] })
                }
            case .deferred(let number): declarations[number] = list(ofDeferred: number)
            }
        }
    }

    private mutating func list(of node: Int) -> Int {
        let declaration = graph.declarations[graph.nodes[node].declaration]
        let own = index.changes(ofInstance: declaration.address.instance(graph.nodes[node].key))
        if !own.isEmpty { return added(own) }
        return union(
            graph.nodes[node].dependencies.map { nodes[$0] } + declaration.dependencies.map { declarations[$0] })
    }

    /// Some of its instances may stay as they are, so what it waits for counts, too.
    private mutating func list(ofDeferred number: Int) -> Int {
        let declaration = graph.declarations[number]
        return union(
            [added(index.changes(of: declaration.address))] + declaration.dependencies.map { declarations[$0] })
    }

    private mutating func added(_ changes: [Int]) -> Int {
        guard !changes.isEmpty else { return 0 }
        lists.append(changes)
        return lists.count - 1
    }

    private mutating func union(_ sources: [Int]) -> Int {
        let filled = Set(sources.filter { $0 > 0 }).sorted()
        guard filled.count > 1 else { return filled.first ?? 0 }
        if let known = unions[filled] { return known }
        let union = added(Set(filled.flatMap { lists[$0] }).sorted())
        unions[filled] = union
        return union
    }

    /// - Parameter address: an instance, or a resource of which all instances are meant.
    /// - Returns: an index into `lists`.
    mutating func list(behind address: ResourceAddress) -> Int {
        if let number = graph.declaration(at: address.resource) {
            if address.key == nil { return declarations[number] }
            if let node = address.key.flatMap({ graph.declarations[number].node(for: $0) }) { return nodes[node] }
        }
        if let known = others[address] { return known }
        let list = added(index.changes(of: address))
        others[address] = list
        return list
    }
}
