internal import PlumbModel

/// Lets what depends on a resource go before the resource is changed: it is destroyed while all that it was made from is
/// still as it was.
struct DestructionPrecedence {
    /// A change with the step that makes and the one that destroys.
    typealias Part = (change: PlannedChange, making: Int?, destroying: Int?)
    /// Steps, and those that every one of them waits for.
    typealias Wait = (steps: [Int], before: [Int])

    private let state: RecordedState
    private let parts: [Part]
    /// By address: the part of what is there now, not put aside.
    private let current: [ResourceAddress: Int]

    init(_ state: RecordedState, _ parts: [Part]) {
        self.state = state
        self.parts = parts
        var current: [ResourceAddress: Int] = [:]
        for (number, part) in parts.enumerated() where part.change.deposedKey == nil {
            current[part.change.address] = number
        }
        self.current = current
    }

    /// What creates before it destroys, and now goes for good, goes after the changes of what it depends on.
    func lateDestructions() -> [Wait] {
        let late = parts.indices.filter { number in
            parts[number].making == nil && parts[number].destroying != nil && createsFirst(parts[number].change)
        }
        return clusters(late) { _ in false }.compactMap { cluster in
            // Where one of them has to go before it comes anew, this one has to go even earlier.
            guard !cluster.found.contains(where: { parts[$0].change.action == .replace(createBeforeDestroy: false) })
            else { return nil }
            return (cluster.members.compactMap { parts[$0].destroying }, cluster.found.compactMap { parts[$0].making })
        }
    }

    private func createsFirst(_ change: PlannedChange) -> Bool {
        change.deposedKey == nil && state[change.address]?.record.createsBeforeDestroy == true
    }

    /// All else goes before the changes of what it depends on.
    ///
    /// - Parameters:
    ///   - waits: by step, those that it waits for; behind the steps, groups of steps that count as waited for as soon as
    ///     all of theirs are.
    ///   - isDestroying: by step.
    func earlyDestructions(waits: [[Int]], isDestroying: [Bool]) -> [Wait] {
        let isPure = pureDestructions(waits, isDestroying)
        func isEarly(_ number: Int) -> Bool { parts[number].destroying.map { isPure[$0] } ?? false }
        return clusters(parts.indices.filter(isEarly), endsAt: isEarly).map { cluster in
            (cluster.found.compactMap { parts[$0].making }, cluster.members.compactMap { parts[$0].destroying })
        }
    }

    /// Steps that wait for destructions alone, directly or not. Only these can come first without going round in a circle
    /// with those that wait until somebody has turned away.
    private func pureDestructions(_ waits: [[Int]], _ isDestroying: [Bool]) -> [Bool] {
        var isPure = isDestroying + [Bool](repeating: true, count: waits.count - isDestroying.count)
        var followers = [[Int]](repeating: [], count: waits.count)
        for (step, befores) in waits.enumerated() { for before in befores { followers[before].append(step) } }
        var pending = isDestroying.indices.filter { !isDestroying[$0] }
        while let step = pending.popLast() {
            for follower in followers[step] where isPure[follower] {
                isPure[follower] = false
                pending.append(follower)
            }
        }
        return isPure
    }

    // MARK: - What they depend on

    /// Parts that depend on the same, with the parts that they depend on.
    private func clusters(
        _ numbers: [Int], endsAt isEnd: (Int) -> Bool
    ) -> [(members: [Int], found: [Int])] {
        var places: [[ResourceAddress]: Int] = [:]
        var clusters: [(members: [Int], found: [Int])] = []
        for number in numbers {
            let dependencies = dependencies(of: parts[number].change)
            guard !dependencies.isEmpty else { continue }
            if let place = places[dependencies] {
                clusters[place].members.append(number)
            } else {
                places[dependencies] = clusters.count
                clusters.append(([number], changed(behind: dependencies, endsAt: isEnd)))
            }
        }
        return clusters.filter { !$0.found.isEmpty }.flatMap(withoutThemselves)
    }

    private func dependencies(of change: PlannedChange) -> [ResourceAddress] {
        state.entry(change.address, change.deposedKey)?.record.dependencies ?? change.dependencies
    }

    /// What was recorded at different times may lead back to where it started from.
    private func withoutThemselves(_ cluster: (members: [Int], found: [Int])) -> [(members: [Int], found: [Int])] {
        let own = Set(cluster.members.compactMap { current[parts[$0].change.address] })
        guard !own.isDisjoint(with: cluster.found) else { return [cluster] }
        return cluster.members.map { member in
            ([member], cluster.found.filter { $0 != current[parts[member].change.address] })
        }
    }

    /// The changes of what is depended on, directly or by way of others. What goes itself before it comes anew ends the
    /// search: its own destruction stands for it.
    private func changed(behind dependencies: [ResourceAddress], endsAt isEnd: (Int) -> Bool) -> [Int] {
        var found: [Int] = []
        var seen: Set<ResourceAddress> = []
        var pending = dependencies
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
