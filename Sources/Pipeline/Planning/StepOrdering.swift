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
    private let createFirst: CreateFirst

    init(graph: ResourceGraph, state: RecordedState, plan: Plan, createFirst: CreateFirst) {
        self.graph = graph
        self.state = state
        self.plan = plan
        self.createFirst = createFirst
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
    }

    func order(_ plan: inout Plan) throws(Diagnostics) {
        guard !plan.changes.isEmpty else { return }
        var drafts: [Draft] = []
        var steps = [Steps](repeating: Steps(), count: plan.changes.count)
        drafts.reserveCapacity(plan.changes.count)
        for (index, change) in plan.changes.enumerated() { draft(change, index, &drafts, &steps[index]) }
        let index = ChangeIndex(plan.changes)
        orderMaking(index, steps, &drafts)
        if drafts.contains(where: { $0.kind == .delete || $0.kind == .forget }) {
            orderDestroying(index, steps, &drafts)
            orderAroundDestroying(steps, &drafts)
        }
        plan.steps = try sorted(drafts)
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
        case .replace(createBeforeDestroy: false):
            let destroying = add(.delete)
            steps.destroying = destroying
            steps.making = add(.create)
            drafts[drafts.count - 1].after = [destroying]
        case .replace(createBeforeDestroy: true):
            let making = add(.create)
            steps.making = making
            steps.destroying = add(.delete)
            drafts[drafts.count - 1].after = [making]
        }
    }

    /// Dependencies are made before what waits for them.
    private func orderMaking(_ index: ChangeIndex, _ steps: [Steps], _ drafts: inout [Draft]) {
        guard steps.contains(where: { $0.making != nil }) else { return }
        // Where nothing stays as it is, nothing is waited for by way of it.
        let upstream = plan.unchangedCount == 0 && plan.data.isEmpty ? nil : UpstreamFinder(graph, index)
        for (number, change) in plan.changes.enumerated() {
            guard let making = steps[number].making else { continue }
            for dependency in dependencies(of: change) {
                for other in upstream?.changes(behind: dependency) ?? index.changes(of: dependency)
                where other != number {
                    if let step = steps[other].making { drafts[making].after.append(step) }
                }
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
    private func orderDestroying(_ index: ChangeIndex, _ steps: [Steps], _ drafts: inout [Draft]) {
        for (number, change) in plan.changes.enumerated() {
            guard change.deposedKey != nil || state[change.address] != nil else { continue }
            let recorded = change.deposedKey == nil ? state[change.address]?.record.dependencies : change.dependencies
            for dependency in recorded ?? [] {
                for other in index.changes(of: dependency) where other != number {
                    guard let destroying = steps[other].destroying else { continue }
                    if let own = steps[number].destroying { drafts[destroying].after.append(own) }
                    guard let making = steps[number].making else { continue }
                    let turnsAway = steps[number].destroying == nil && !destroysFirst(plan.changes[other])
                    // What has a successor already stays until all that waited for it has one, too.
                    let hasSuccessor = plan.changes[other].action == .replace(createBeforeDestroy: true)
                    if turnsAway || hasSuccessor { drafts[destroying].after.append(making) }
                }
            }
        }
    }

    private func orderAroundDestroying(_ steps: [Steps], _ drafts: inout [Draft]) {
        guard steps.contains(where: { $0.making != nil }) else { return }
        let precedence = DestructionPrecedence(
            state: state, waits: drafts.map(\.after),
            isDestroying: drafts.map { $0.kind == .delete || $0.kind == .forget })
        let parts = plan.changes.indices.map { (plan.changes[$0], steps[$0].making, steps[$0].destroying) }
        for edge in precedence.edges(parts) { drafts[edge.step].after.append(edge.before) }
    }

    private func destroysFirst(_ change: PlannedChange) -> Bool {
        change.action == .replace(createBeforeDestroy: false)
    }

    /// Each step after all that it waits for; ties keep the order of the changes.
    private func sorted(_ drafts: [Draft]) throws(Diagnostics) -> [PlannedStep] {
        var position = [Int](repeating: -1, count: drafts.count)
        var waits = drafts.map(\.after.count)
        var followers = [[Int]](repeating: [], count: drafts.count)
        for (number, draft) in drafts.enumerated() {
            for before in draft.after { followers[before].append(number) }
        }
        var ready = drafts.indices.filter { waits[$0] == 0 }
        var order: [Int] = []
        var next = 0
        while next < ready.count {
            let number = ready[next]
            next += 1
            position[number] = order.count
            order.append(number)
            for follower in followers[number] {
                waits[follower] -= 1
                if waits[follower] == 0 { ready.append(follower) }
            }
        }
        guard order.count == drafts.count else { throw circle(drafts, position) }
        return order.map { number in
            PlannedStep(
                change: drafts[number].change, kind: drafts[number].kind,
                after: Set(drafts[number].after.map { position[$0] }).sorted())
        }
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
