internal import Expressions
internal import PlumbModel

/// Puts the side effects of a plan into order.
///
/// - What waits for a resource is created or changed after it, also where it waits by way of others that stay as they are.
/// - A resource is destroyed after all that was recorded to depend on it has been destroyed or changed away from it.
/// - What goes does so before what it depended on is changed; what creates before it destroys, after (`DestructionPrecedence`).
/// - A replacement destroys first, or creates first where `create_before_destroy` says so.
struct StepOrdering {
    private let graph: ResourceGraph
    private let state: RecordedState
    private let plan: Plan

    init(graph: ResourceGraph, state: RecordedState, plan: Plan) {
        self.graph = graph
        self.state = state
        self.plan = plan
    }

    /// The steps of one change: what makes, and what destroys.
    private struct Steps {
        var making: Int?
        var destroying: Int?
    }

    private struct Draft {
        let change: Int
        let kind: PlannedStep.Kind
        var after: [Int] = []
        var afterGroups: [Int] = []
    }

    /// The steps while their order is found, with the groups that they wait for; both name drafts by their indexes.
    private struct Sketch {
        var drafts: [Draft] = []
        var groups: [[Int]] = []

        /// Fewer steps than this are waited for one by one.
        private static let smallestGroup = 8

        /// What each step waits for, and behind the steps, each group.
        var waits: [[Int]] {
            drafts.map { draft in draft.after + draft.afterGroups.map { drafts.count + $0 } } + groups
        }

        /// Lets every one of `steps` wait for all of `others`.
        mutating func add(_ steps: [Int], after others: [Int]) {
            let isWorthIt = steps.count > 1 && others.count >= Self.smallestGroup
            guard isWorthIt, Set(others).isDisjoint(with: steps) else {
                for step in steps { drafts[step].after += others.filter { $0 != step } }
                return
            }
            groups.append(others)
            for step in steps { drafts[step].afterGroups.append(groups.count - 1) }
        }
    }

    func order(_ plan: inout Plan) throws(Diagnostics) {
        guard !plan.changes.isEmpty else { return }
        var sketch = Sketch()
        var steps = [Steps](repeating: Steps(), count: plan.changes.count)
        sketch.drafts.reserveCapacity(plan.changes.count)
        for (index, change) in plan.changes.enumerated() { draft(change, index, &sketch.drafts, &steps[index]) }
        let index = ChangeIndex(plan.changes)
        orderMaking(index, steps, &sketch)
        if sketch.drafts.contains(where: { $0.kind == .delete || $0.kind == .forget }) {
            orderDestroying(index, steps, &sketch)
            orderAroundDestroying(steps, &sketch)
        }
        try sort(sketch, into: &plan)
    }

    private func draft(_ change: PlannedChange, _ index: Int, _ drafts: inout [Draft], _ steps: inout Steps) {
        func add(_ kind: PlannedStep.Kind) -> Int {
            drafts.append(Draft(change: index, kind: kind))
            return drafts.count - 1
        }
        switch change.action {
        case .create: steps.making = add(.create)
        case .update: steps.making = add(.update)
        case .read: steps.making = add(.read)
        case .delete: steps.destroying = add(.delete)
        case .forget: steps.destroying = add(.forget)
        case .wait: steps.making = add(.wait)
        case .replace(createBeforeDestroy: false):
            let destroying = add(change.retainsOld ? .forget : .delete)
            steps.destroying = destroying
            steps.making = add(.create)
            drafts[drafts.count - 1].after = [destroying]
        case .replace(createBeforeDestroy: true):
            let making = add(.create)
            steps.making = making
            steps.destroying = add(change.retainsOld ? .forget : .delete)
            drafts[drafts.count - 1].after = [making]
        }
    }

    /// Dependencies are made before what waits for them.
    private func orderMaking(_ index: ChangeIndex, _ steps: [Steps], _ sketch: inout Sketch) {
        // Where nothing stays as it is, nothing is waited for by way of it.
        guard plan.unchangedCount > 0 || !plan.data.isEmpty else { return orderDirectly(index, steps, &sketch) }
        var waiting = Waiting<ResourceAddress>()
        for (number, change) in plan.changes.enumerated() {
            guard let making = steps[number].making else { continue }
            for dependency in dependencies(of: change) { waiting.add(making, for: dependency) }
        }
        guard !waiting.inOrder.isEmpty else { return }
        var upstream = UpstreamFinder(graph, index)
        var together = Waiting<Int>()
        for (dependency, dependents) in waiting.inOrder {
            let list = upstream.list(behind: dependency)
            for dependent in dependents { together.add(dependent, for: list) }
        }
        for (list, dependents) in together.inOrder {
            sketch.add(Set(dependents).sorted(), after: upstream.lists[list].compactMap { steps[$0].making })
        }
    }

    private func orderDirectly(_ index: ChangeIndex, _ steps: [Steps], _ sketch: inout Sketch) {
        var waiting = Waiting<ResourceAddress>()
        for (number, change) in plan.changes.enumerated() {
            guard let making = steps[number].making else { continue }
            for dependency in dependencies(of: change) {
                let others = index.changes(of: dependency)
                // Only for crowds it pays to gather who waits for them.
                guard others.count == 1 else {
                    waiting.add(making, for: dependency)
                    continue
                }
                if let other = steps[others[0]].making { sketch.add([making], after: [other]) }
            }
        }
        for (dependency, dependents) in waiting.inOrder {
            sketch.add(dependents, after: index.changes(of: dependency).compactMap { steps[$0].making })
        }
    }

    /// Steps by what they have to do with, in the order in which that comes up.
    private struct Waiting<Key: Hashable> {
        private var places: [Key: Int] = [:]
        private(set) var inOrder: [(key: Key, steps: [Int])] = []

        mutating func add(_ step: Int, for key: Key) {
            if let place = places[key] {
                if inOrder[place].steps.last != step { inOrder[place].steps.append(step) }
            } else {
                places[key] = inOrder.count
                inOrder.append((key, [step]))
            }
        }
    }

    /// Data resources are left out of the recorded dependencies, but what waits for one still has to wait.
    private func dependencies(of change: PlannedChange) -> [ResourceAddress] {
        guard let declaration = graph.declaration(at: change.address.resource) else { return change.dependencies }
        let resource = graph.declarations[declaration]
        let shared = resource.dependencies.map { graph.declarations[$0].address }
        let node = change.address.key.map { resource.node(for: $0) } ?? resource.instances.first
        let own = (node.map { graph.nodes[$0].dependencies } ?? []).map { index in
            graph.declarations[graph.nodes[index].declaration].address.instance(graph.nodes[index].key)
        }
        return change.dependencies + (shared + own).filter { $0.mode == .data }
    }

    /// Dependents go, or turn away, before what they depended on.
    private func orderDestroying(_ index: ChangeIndex, _ steps: [Steps], _ sketch: inout Sketch) {
        var leaving = Waiting<ResourceAddress>()
        var turning = Waiting<ResourceAddress>()
        var following = Waiting<ResourceAddress>()
        for (number, change) in plan.changes.enumerated() {
            guard change.deposedKey != nil || state[change.address] != nil else { continue }
            let recorded = change.deposedKey == nil ? state[change.address]?.record.dependencies : change.dependencies
            for dependency in recorded ?? [] {
                if let own = steps[number].destroying {
                    leaving.add(own, for: dependency)
                    if let making = steps[number].making { following.add(making, for: dependency) }
                } else if let making = steps[number].making {
                    turning.add(making, for: dependency)
                }
            }
        }
        for (dependency, dependents) in leaving.inOrder {
            sketch.add(index.changes(of: dependency).compactMap { steps[$0].destroying }, after: dependents)
        }
        for (dependency, dependents) in turning.inOrder {
            let gone = index.changes(of: dependency).filter { !destroysFirst(plan.changes[$0]) }
            sketch.add(gone.compactMap { steps[$0].destroying }, after: dependents)
        }
        // What has a successor already stays until all that waited for it has one, too.
        for (dependency, dependents) in following.inOrder {
            let succeeded = index.changes(of: dependency).filter {
                plan.changes[$0].action == .replace(createBeforeDestroy: true)
            }
            sketch.add(succeeded.compactMap { steps[$0].destroying }, after: dependents)
        }
    }

    private func orderAroundDestroying(_ steps: [Steps], _ sketch: inout Sketch) {
        guard steps.contains(where: { $0.making != nil }) else { return }
        let precedence = DestructionPrecedence(
            state, plan.changes.indices.map { (plan.changes[$0], steps[$0].making, steps[$0].destroying) })
        for (later, earlier) in precedence.lateDestructions() { sketch.add(later, after: earlier) }
        let isDestroying = sketch.drafts.map { $0.kind == .delete || $0.kind == .forget }
        for (later, earlier) in precedence.earlyDestructions(waits: sketch.waits, isDestroying: isDestroying) {
            sketch.add(later, after: earlier)
        }
    }

    private func destroysFirst(_ change: PlannedChange) -> Bool {
        change.action == .replace(createBeforeDestroy: false)
    }

    /// Each step after all that it waits for; ties keep the order of the changes.
    private func sort(_ sketch: Sketch, into plan: inout Plan) throws(Diagnostics) {
        let drafts = sketch.drafts
        var position = [Int](repeating: -1, count: drafts.count)
        // Groups stand behind the steps: they are passed as soon as the last of their steps is.
        let befores = sketch.waits
        var waits = befores.map(\.count)
        var followers = [[Int]](repeating: [], count: waits.count)
        for (number, befores) in befores.enumerated() { for before in befores { followers[before].append(number) } }
        var ready = drafts.indices.filter { waits[$0] == 0 }
        var order: [Int] = []
        var next = 0
        while next < ready.count {
            let number = ready[next]
            next += 1
            if number < drafts.count {
                position[number] = order.count
                order.append(number)
            }
            for follower in followers[number] {
                waits[follower] -= 1
                if waits[follower] == 0 { ready.append(follower) }
            }
        }
        guard order.count == drafts.count else { throw circle(drafts, position) }
        plan.steps = order.map { number in
            PlannedStep(
                change: drafts[number].change, kind: drafts[number].kind,
                after: Set(drafts[number].after.map { position[$0] }).sorted(),
                afterGroups: drafts[number].afterGroups)
        }
        plan.groups = sketch.groups.map { group in group.map { position[$0] }.sorted() }
    }

    private func circle(_ drafts: [Draft], _ position: [Int]) -> Diagnostics {
        let members = Set(drafts.indices.filter { position[$0] < 0 }.map { plan.changes[drafts[$0].change].address })
        let names = members.sorted().prefix(10).map(\.description).joined(separator: ", ")
        return Diagnostics(
            .error(
                "No possible order",
                "What the state says of dependencies and what the specs say now contradict each other for: \(names). "
                    + "Make the change in two applies: first without the new references, then with them."))
    }
}

/// Finds the changes that an address stands for: one instance, or all of a resource.
struct ChangeIndex {
    private var instances: [ResourceAddress: [Int]] = [:]
    private var resources: [ResourceAddress: [Int]] = [:]

    init(_ changes: [PlannedChange]) {
        instances.reserveCapacity(changes.count)
        for (number, change) in changes.enumerated() {
            instances[change.address, default: []].append(number)
            if change.address.key != nil { resources[change.address.resource, default: []].append(number) }
        }
    }

    func changes(ofInstance address: ResourceAddress) -> [Int] { instances[address] ?? [] }

    func changes(of address: ResourceAddress) -> [Int] {
        let own = instances[address] ?? []
        return address.key == nil ? own + (resources[address] ?? []) : own
    }
}
