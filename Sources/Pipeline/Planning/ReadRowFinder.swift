internal import PlumbModel

/// Finds the rows that a plan's changes were decided from: their own, and those of what they wait for.
struct ReadRowFinder {
    private let graph: ResourceGraph
    private let state: RecordedState
    private(set) var rows: [ReadSet.Row] = []
    private var seen: Set<RowKey> = []
    private var seenResources: Set<ResourceAddress> = []

    private struct RowKey: Hashable {
        let address: ResourceAddress
        let deposedKey: String?
    }

    init(_ graph: ResourceGraph, _ state: RecordedState) {
        self.graph = graph
        self.state = state
    }

    mutating func find(
        _ changes: [PlannedChange], _ rewrites: [RecordRewrite], _ moves: [PlannedMove], _ imports: [PlannedImport]
    ) {
        for change in changes {
            add(change.address, change.deposedKey)
            for dependency in change.dependencies {
                if dependency.key == nil { addAll(of: dependency) } else { add(dependency) }
            }
        }
        for rewrite in rewrites { add(rewrite.address, rewrite.deposedKey) }
        guard !moves.isEmpty || !imports.isEmpty else { return }
        let recorded = Set(state.entries.filter { $0.generation != nil }.map { $0.movedFrom ?? $0.record.address })
        for address in moves.map(\.to) + imports.map(\.address) where !recorded.contains(address) {
            let generation = state.generation(ofRemoved: address)
            rows.append(.init(address: address, deposedKey: nil, generation: generation))
        }
        for move in moves {
            for entry in state.entries(of: move.to.resource) where entry.record.address == move.to {
                add(move.to, entry.record.deposedKey)
            }
        }
    }

    private mutating func add(_ address: ResourceAddress, _ deposedKey: String? = nil) {
        guard seen.insert(RowKey(address: address, deposedKey: deposedKey)).inserted else { return }
        guard let entry = state.entry(address, deposedKey) else {
            if deposedKey == nil {
                let generation = state.generation(ofRemoved: address)
                rows.append(.init(address: address, deposedKey: nil, generation: generation))
            }
            return
        }
        // A row that a recovery adds is the plan's own supposition: the open intent stands for it.
        guard let generation = entry.generation else { return }
        rows.append(.init(address: entry.movedFrom ?? address, deposedKey: deposedKey, generation: generation))
    }

    private mutating func addAll(of resource: ResourceAddress) {
        guard seenResources.insert(resource).inserted else { return }
        if let index = graph.declaration(at: resource) {
            for node in graph.declarations[index].instances { add(resource.instance(graph.nodes[node].key)) }
        } else {
            add(resource)
        }
        for entry in state.entries(of: resource) where entry.record.deposedKey == nil { add(entry.record.address) }
    }
}
