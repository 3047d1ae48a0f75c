internal import PlumbModel

/// Gives recorded rows the addresses that `moved` statements say, and those that follow by themselves where `count` has
/// come or gone.
struct RecordMover {
    private let graph: ResourceGraph
    private(set) var warnings = Diagnostics()
    /// What stands at an address now: the address at which it is recorded.
    private var origins: [ResourceAddress: ResourceAddress] = [:]
    private var byResource: [ResourceAddress: Set<ResourceAddress>] = [:]
    private var index = AddressIndex<ResourceAddress>()
    private var places: [ResourceAddress: SourceLocation] = [:]

    init(_ graph: ResourceGraph) {
        self.graph = graph
    }

    /// Moves the rows of a state as the plan sees it.
    ///
    /// - Returns: the moves in an order in which each finds its new address free.
    mutating func move(_ state: inout RecordedState) -> [PlannedMove] {
        guard mayMove(state) else { return [] }
        for address in state.entries.map(\.record.address) + state.held.keys { settle(address, from: address) }
        for move in orderedStatements() { carryOut(move) }
        moveWithCount(butFor: namedSets())
        let moved = origins.filter { $0.key != $0.value }.sorted { $0.key < $1.key }
        let moves = RowMoves.ordered(
            moved.map { PlannedMove(from: $0.value, to: $0.key, declaredAt: places[$0.value]) })
        if !moves.isEmpty { state.move(RowMoves(moves)) }
        return moves
    }

    /// Most plans move nothing, and should not pay for it.
    private func mayMove(_ state: RecordedState) -> Bool {
        if !graph.refactorings.moves.isEmpty { return true }
        let hasCome = graph.declarations.contains { declaration in
            declaration.meta.count != nil && state[declaration.address] != nil
        }
        return hasCome
            || state.entries.contains { entry in
                entry.record.address.key == .index(0)
                    && graph.declaration(at: entry.record.address.resource).map {
                        graph.declarations[$0].meta.count == nil
                    } == true
            }
    }

    private mutating func settle(_ address: ResourceAddress, from origin: ResourceAddress) {
        origins[address] = origin
        byResource[address.resource, default: []].insert(address)
        index.insert(address, at: address)
    }

    private func orderedStatements() -> [MoveStatement] {
        let moves = graph.refactorings.moves
        guard case .order(let order) = MoveOrder(moves).result else {
            preconditionFailure("the resolver refuses moves in a circle")
        }
        return order.map { moves[$0] }
    }

    private mutating func carryOut(_ statement: MoveStatement) {
        for address in index.overlapping(statement.from).sorted() {
            guard let target = statement.target(of: address), target != address else { continue }
            guard origins[target] == nil else {
                warnings.append(
                    .warning(
                        "Move blocked",
                        "\(address) is to move to \(target), but there is one already in the state. It stays where it is, "
                            + "and is destroyed unless it is declared. If the other one is what should go, take it out "
                            + "of the state first (`plumb state rm`).", address: address, at: statement.fromRange))
                continue
            }
            move(address, to: target, at: statement.fromRange.location)
        }
    }

    private mutating func move(_ address: ResourceAddress, to target: ResourceAddress, at place: SourceLocation?) {
        guard let origin = origins.removeValue(forKey: address) else {
            preconditionFailure("only what stands at an address is moved away from it")
        }
        byResource[address.resource]?.remove(address)
        index.remove(address, at: address)
        settle(target, from: origin)
        if let place { places[origin] = place }
    }

    /// `a.b` becomes `a.b[0]` where `count` has come, and the other way round where it has gone.
    ///
    /// - Parameter named: what statements are about: they alone say what becomes of it.
    private mutating func moveWithCount(butFor named: AddressIndex<AddressSet>) {
        for declaration in graph.declarations where declaration.address.mode == .managed {
            let meta = declaration.meta
            guard meta.forEach == nil, let rows = byResource[declaration.address], !rows.isEmpty else { continue }
            let alone = declaration.address
            let first = declaration.address.instance(.index(0))
            let (from, to) = meta.count == nil ? (first, alone) : (alone, first)
            // As in Terraform, what a statement has moved stays where the statement says.
            guard origins[from] == from, !rows.contains(to), named.overlapping(from).isEmpty else { continue }
            move(from, to: to, at: nil)
        }
    }

    private func namedSets() -> AddressIndex<AddressSet> {
        var named = AddressIndex<AddressSet>()
        for set in graph.refactorings.moves.map(\.from) + graph.refactorings.removals.map(\.from) {
            named.insert(set, at: set)
        }
        return named
    }
}
