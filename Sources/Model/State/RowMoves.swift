/// Where rows go that get another address, and what becomes of the dependencies that name them: the same while a plan
/// supposes it and when an apply writes it.
public struct RowMoves: Sendable {
    private let targets: [ResourceAddress: ResourceAddress]
    /// By the resource (without a key) whose instances have gone elsewhere: the resources where they are now.
    private let resources: [ResourceAddress: [ResourceAddress]]

    public init(_ moves: [PlannedMove]) {
        targets = Dictionary(moves.map { ($0.from, $0.to) }, uniquingKeysWith: { first, _ in first })
        var resources: [ResourceAddress: [ResourceAddress]] = [:]
        for move in moves where move.from.key != nil && move.from.resource != move.to.resource {
            let target = move.to.resource
            if resources[move.from.resource]?.contains(target) != true {
                resources[move.from.resource, default: []].append(target)
            }
        }
        self.resources = resources
    }

    public var isEmpty: Bool { targets.isEmpty }

    public func address(_ address: ResourceAddress) -> ResourceAddress { targets[address] ?? address }

    public func dependencies(_ dependencies: [ResourceAddress]) -> [ResourceAddress] {
        guard !isEmpty, dependencies.contains(where: { targets[$0] != nil || resources[$0] != nil }) else {
            return dependencies
        }
        var seen: Set<ResourceAddress> = []
        return dependencies.flatMap { dependency -> [ResourceAddress] in
            if let target = targets[dependency] { return [target] }
            // A whole resource may have lost some of its instances, or all of them.
            return [dependency] + (resources[dependency] ?? [])
        }.filter { seen.insert($0).inserted }
    }

    /// The row as it is after the moves, and whether it names others by other addresses than before.
    public func apply(to record: ResourceRecord) -> (record: ResourceRecord, isRewritten: Bool) {
        var moved = record
        moved.address = address(record.address)
        moved.bookkeeping.dependencies = dependencies(record.dependencies)
        return (moved, moved.dependencies != record.dependencies)
    }

    /// The moves in an order in which each finds its new address free.
    public static func ordered(_ moves: [PlannedMove]) -> [PlannedMove] {
        let bySource = Dictionary(
            moves.enumerated().map { ($1.from, $0) }, uniquingKeysWith: { first, _ in first })
        var isDone = [Bool](repeating: false, count: moves.count)
        var order: [PlannedMove] = []
        for start in moves.indices where !isDone[start] {
            var chain = [start]
            isDone[start] = true
            while let next = chain.last.flatMap({ bySource[moves[$0].to] }), !isDone[next] {
                isDone[next] = true
                chain.append(next)
            }
            order += chain.reversed().map { moves[$0] }
        }
        return order
    }
}
