internal import Expressions
internal import PlumbModel

/// What is recorded while a run goes on, and the values that expressions see of it.
struct AppliedState {
    let graph: ResourceGraph
    let values: GraphValues
    private var records: [ResourceAddress: ResourceRecord] = [:]

    init(graph: ResourceGraph, plan: Plan, snapshot: StateSnapshot) {
        self.graph = graph
        values = GraphValues(graph)
        records.reserveCapacity(snapshot.resources.count)
        for record in snapshot.resources where record.deposedKey == nil {
            records[record.address] = record
            show(record.address, record.values)
        }
        for data in plan.data { show(data.address, data.values) }
        for rewrite in plan.rewrites { if let values = rewrite.values { show(rewrite.address, values) } }
        // Until its step is done, what waits for a change sees what the plan promised.
        for change in plan.changes where change.deposedKey == nil {
            if let after = change.after { show(change.address, after) }
        }
    }

    func record(_ address: ResourceAddress) -> ResourceRecord? { records[address] }

    mutating func apply(_ effect: RecoveryEffect) {
        switch effect {
        case .put(let record): if record.deposedKey == nil { records[record.address] = record }
        case .remove(let address, let deposedKey): if deposedKey == nil { records[address] = nil }
        }
    }

    /// Lets expressions see an instance's values.
    func show(_ address: ResourceAddress, _ value: Value) {
        guard let index = graph.declaration(at: address.resource) else { return }
        let declaration = graph.declarations[index]
        switch declaration.expansion {
        case .deferred: values.set(value, key: address.key, deferred: index)
        case .single: if address.key == nil { values.set(value, node: declaration.instances.lowerBound) }
        default: if let node = address.key.flatMap(declaration.node(for:)) { values.set(value, node: node) }
        }
    }
}
