internal import PlumbModel
internal import ProviderAPI

/// Asks providers that plan many at once about all instances that wait for nothing any more, ahead of the walk: so that a
/// thousand questions are not put one after the other.
struct Foresight {
    private let graph: ResourceGraph
    private let catalogue: ProviderCatalogue
    private var answers: [Int: Result<ResourcePlan, ProviderError>] = [:]
    private var isPlanned: [Bool]
    /// By declaration: how many of its instances are still to be planned; 1 for one that is expanded later.
    private var missing: [Int]
    /// Types that some instance can plan many of: nothing else is looked at.
    private let types: Set<String>

    /// Entries of the order that are looked at ahead.
    private static let reach = 512

    init(_ graph: ResourceGraph, _ catalogue: ProviderCatalogue) {
        self.graph = graph
        self.catalogue = catalogue
        types = Set(
            catalogue.entries.flatMap { entry in
                entry.instance.resourceTypes.filter { $0 is any BulkPlanning }.map(\.name)
            })
        isPlanned = Array(repeating: false, count: graph.nodes.count)
        missing = graph.declarations.map { declaration in
            if case .deferred = declaration.expansion { 1 } else { declaration.instances.count }
        }
    }

    /// Takes note of what has been planned.
    mutating func pass(_ entry: GraphEntry) {
        switch entry {
        case .node(let index):
            isPlanned[index] = true
            missing[graph.nodes[index].declaration] -= 1
            answers[index] = nil
        case .deferred(let index): missing[index] -= 1
        }
    }

    /// What the provider has answered about an instance; nil where it was not asked.
    func answer(_ node: Int) -> Result<ResourcePlan, ProviderError>? { answers[node] }

    /// Asks about what begins at a place of the order, if its provider can be asked about many.
    ///
    /// - Parameter request: what is to be asked of a node; nil where it is not planned, or cannot be asked about.
    mutating func look(from position: Int, request: (Int) -> PlanRequest?) async {
        guard case .node(let first) = graph.order[position], answers[first] == nil, let type = bulk(first) else {
            return
        }
        var nodes: [Int] = []
        var requests: [PlanRequest] = []
        for entry in graph.order[position...].prefix(Self.reach) {
            guard case .node(let index) = entry, answers[index] == nil, isFree(index), isAlike(index, first),
                let request = request(index)
            else { continue }
            nodes.append(index)
            requests.append(request)
        }
        guard nodes.count > 1 else { return }
        for (node, answer) in zip(nodes, await type.plan(all: requests)) { answers[node] = answer }
    }

    private func bulk(_ index: Int) -> (any BulkPlanning)? {
        let node = graph.nodes[index]
        let address = graph.declarations[node.declaration].address
        guard types.contains(address.type), address.mode == .managed, catalogue.late(node.provider) == nil else {
            return nil
        }
        return catalogue.resourceType(address.type, of: node.provider) as? any BulkPlanning
    }

    private func isAlike(_ index: Int, _ other: Int) -> Bool {
        let (left, right) = (graph.nodes[index], graph.nodes[other])
        return left.provider == right.provider
            && graph.declarations[left.declaration].address.type == graph.declarations[right.declaration].address.type
    }

    /// Whether all that it waits for is planned.
    private func isFree(_ index: Int) -> Bool {
        let node = graph.nodes[index]
        return node.dependencies.allSatisfy { isPlanned[$0] }
            && graph.declarations[node.declaration].dependencies.allSatisfy { missing[$0] == 0 }
    }
}
