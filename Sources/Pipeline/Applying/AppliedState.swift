internal import Expressions
internal import PlumbModel

/// What is recorded while a run goes on, and the values that expressions see of it.
struct AppliedState {
    /// An interrupted change that the plan has settled, with what that does to the rows.
    struct Settled {
        let recovery: PlannedRecovery
        let effects: [RecoveryEffect]
    }

    let graph: ResourceGraph
    let values: GraphValues
    /// Outputs before the run, by name.
    let outputs: [String: Value]
    private(set) var settled: [Settled] = []
    /// Rows that are written because others moved, and name them now by their new addresses.
    private(set) var renamed: [ResourceRecord] = []
    private var records: [ResourceAddress: ResourceRecord] = [:]

    init(graph: ResourceGraph, plan: Plan, snapshot: StateSnapshot) {
        self.graph = graph
        values = GraphValues(graph)
        outputs = Dictionary(snapshot.outputs.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
        records.reserveCapacity(snapshot.resources.count)
        for record in snapshot.resources where record.deposedKey == nil { records[record.address] = record }
        settle(plan.recoveries, snapshot.openIntents)
        if !plan.moves.isEmpty { move(RowMoves(plan.moves), snapshot.resources.filter { $0.deposedKey != nil }) }
        for found in plan.imports { records[found.address] = found.record }
        // An instance whose key has gone is not there for expressions, though its row still is.
        let leaving = Set(
            plan.changes.filter { $0.deposedKey == nil && ($0.action == .delete || $0.action == .forget) }.map(
                \.address)
                + plan.rewrites.filter { $0.deposedKey == nil && $0.values == nil }.map(\.address))
        for record in records.values where !leaving.contains(record.address) { show(record.address, record.values) }
        for data in plan.data { show(data.address, data.values) }
        for rewrite in plan.rewrites where rewrite.deposedKey == nil {
            if let values = rewrite.values { show(rewrite.address, values) }
        }
        // Until its step is done, what waits for a change sees what the plan promised.
        for change in plan.changes where change.deposedKey == nil {
            if let after = change.after { show(change.address, after) }
        }
    }

    func record(_ address: ResourceAddress) -> ResourceRecord? { records[address] }

    private mutating func settle(_ recoveries: [PlannedRecovery], _ open: [Intent]) {
        let intents = Dictionary(open.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        for recovery in recoveries {
            guard let intent = intents[recovery.intent] else { continue }
            let effects = RecoveryEffect.of(recovery, intent, current: records[intent.address])
            for effect in effects {
                switch effect {
                case .put(let record): if record.deposedKey == nil { records[record.address] = record }
                case .remove(let address, let deposedKey): if deposedKey == nil { records[address] = nil }
                }
            }
            settled.append(Settled(recovery: recovery, effects: effects))
        }
    }

    private mutating func move(_ moves: RowMoves, _ deposed: [ResourceRecord]) {
        let old = Array(records.values)
        records.removeAll(keepingCapacity: true)
        for row in old + deposed {
            let (record, isRewritten) = moves.apply(to: row)
            if record.deposedKey == nil { records[record.address] = record }
            if isRewritten { renamed.append(record) }
        }
        renamed.sort { ($0.address, $0.deposedKey ?? "") < ($1.address, $1.deposedKey ?? "") }
    }

    /// Lets expressions see an instance's values.
    func show(_ address: ResourceAddress, _ value: Value) { values.set(value, at: address) }
}
