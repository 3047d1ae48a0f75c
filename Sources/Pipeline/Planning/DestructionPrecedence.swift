internal import PlumbModel

/// Lets what depends on a resource go before the resource is changed: it is destroyed while all that it was made from is
/// still as it was.
struct DestructionPrecedence {
    private let state: RecordedState
    /// By step: those that it waits for.
    private let waits: [[Int]]
    private let isDestroying: [Bool]

    /// A change with the step that makes and the one that destroys.
    typealias Part = (change: PlannedChange, making: Int?, destroying: Int?)

    init(state: RecordedState, waits: [[Int]], isDestroying: [Bool]) {
        self.state = state
        self.waits = waits
        self.isDestroying = isDestroying
    }

    /// Which step waits for which other.
    func edges(_ parts: [Part]) -> [(step: Int, before: Int)] {
        var current: [ResourceAddress: Int] = [:]
        for (number, part) in parts.enumerated() where part.change.deposedKey == nil {
            current[part.change.address] = number
        }
        let late = lateDestructions(parts, current)
        return late + earlyDestructions(parts, current, pureDestructions(beside: late))
    }

    /// What creates before it destroys, and now goes for good, goes after the changes of what it depends on.
    private func lateDestructions(_ parts: [Part], _ current: [ResourceAddress: Int]) -> [(step: Int, before: Int)] {
        var edges: [(step: Int, before: Int)] = []
        for part in parts {
            guard part.making == nil, let destroying = part.destroying, createsFirst(part.change) else { continue }
            let found = dependencies(of: part.change, current) { _ in false }
            // Where one of them has to go before it comes anew, this one has to go even earlier.
            guard !found.contains(where: { parts[$0].change.action == .replace(createBeforeDestroy: false) }) else {
                continue
            }
            edges += found.compactMap { parts[$0].making }.map { (destroying, $0) }
        }
        return edges
    }

    private func createsFirst(_ change: PlannedChange) -> Bool {
        change.deposedKey == nil && state[change.address]?.record.createsBeforeDestroy == true
    }

    /// All else goes before the changes of what it depends on.
    private func earlyDestructions(
        _ parts: [Part], _ current: [ResourceAddress: Int], _ isPure: [Bool]
    ) -> [(step: Int, before: Int)] {
        var edges: [(step: Int, before: Int)] = []
        for part in parts {
            guard let destroying = part.destroying, isPure[destroying] else { continue }
            let found = dependencies(of: part.change, current) { parts[$0].destroying.map { isPure[$0] } ?? false }
            edges += found.compactMap { parts[$0].making }.map { ($0, destroying) }
        }
        return edges
    }

    /// Steps that wait for destructions alone, directly or not. Only these can come first without going round in a circle
    /// with those that wait until somebody has turned away.
    private func pureDestructions(beside late: [(step: Int, before: Int)]) -> [Bool] {
        var isPure = isDestroying
        var followers = [[Int]](repeating: [], count: waits.count)
        for (step, befores) in waits.enumerated() { for before in befores { followers[before].append(step) } }
        for edge in late { followers[edge.before].append(edge.step) }
        var pending = isDestroying.indices.filter { !isDestroying[$0] }
        while let step = pending.popLast() {
            for follower in followers[step] where isPure[follower] {
                isPure[follower] = false
                pending.append(follower)
            }
        }
        return isPure
    }

    /// The changes of what an object was recorded to depend on, directly or by way of others. What goes itself before it
    /// comes anew ends the search: its own destruction stands for it.
    private func dependencies(
        of change: PlannedChange, _ current: [ResourceAddress: Int], endsAt isEnd: (Int) -> Bool
    ) -> [Int] {
        var found: [Int] = []
        var seen: Set<ResourceAddress> = [change.address]
        var pending = state.entry(change.address, change.deposedKey)?.record.dependencies ?? change.dependencies
        while let dependency = pending.popLast() {
            for record in records(at: dependency) where seen.insert(record.address).inserted {
                if let number = current[record.address] {
                    found.append(number)
                    if isEnd(number) { continue }
                }
                pending += record.dependencies
            }
        }
        return found
    }

    private func records(at dependency: ResourceAddress) -> [ResourceRecord] {
        if let index = state.index(of: dependency) { return [state.entries[index].record] }
        guard dependency.key == nil else { return [] }
        return state.entries(of: dependency).map(\.record).filter { $0.deposedKey == nil }
    }
}
