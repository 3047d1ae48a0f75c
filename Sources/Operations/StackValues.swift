internal import Expressions
internal import PlumbModel
internal import StateBackendAPI

/// What a stack's expressions evaluate to: with the recorded values, or with those that a plan promises.
struct StackValues {
    let graph: ResourceGraph
    let files: any SpecificationSource
    /// All that expressions of the stack can refer to.
    private let scopes: ModuleScopes
    private let values: GraphValues

    /// - Parameters:
    ///   - snapshot: the recorded values.
    ///   - plan: what an apply would make of them; nil for the values as they are recorded.
    ///   - data: what data resources gave.
    init(_ session: StackSession, _ snapshot: StateSnapshot, plan: Plan?, data: [PlannedData]) {
        graph = session.graph
        files = session.files
        values = GraphValues(graph)
        scopes = ModuleScopes(
            graph, files: files, resources: values,
            phase: .planning(at: plan?.origin.createdAt ?? WallClock.now()))
        let changes = (plan?.changes ?? []).filter { $0.deposedKey == nil }
        let rewrites = (plan?.rewrites ?? []).filter { $0.deposedKey == nil }
        // An instance whose key has gone is not there for expressions, though its row still is.
        let leaving = Set(
            changes.filter { $0.after == nil }.map(\.address) + rewrites.filter { $0.values == nil }.map(\.address))
        for record in snapshot.resources where record.deposedKey == nil && !leaving.contains(record.address) {
            values.set(record.values, at: record.address)
        }
        for one in data { values.set(one.values, at: one.address) }
        for rewrite in rewrites { if let value = rewrite.values { values.set(value, at: rewrite.address) } }
        for change in changes { if let after = change.after { values.set(after, at: change.address) } }
    }

    /// What an expression sees that belongs to no instance.
    var instanceScope: InstanceScope { scopes.stack }

    /// What an expression of a module sees that belongs to no instance of a resource.
    ///
    /// - Parameter module: an index into `ResourceGraph.modules`.
    func scope(in module: Int) -> InstanceScope { InstanceScope(scopes, in: module) }

    /// What the inputs see with which a module is called; nil for the stack, which nobody calls.
    func scope(callingModule module: Int) -> InstanceScope? {
        let instance = graph.modules[module]
        return instance.caller.map {
            InstanceScope(scopes, in: $0, key: instance.key, eachValue: instance.eachValue)
        }
    }

    /// The scope of one instance of a resource, with its `each` and `count`.
    func scope(of key: InstanceKey?, _ declaration: ResolvedResource) throws(Diagnostics) -> InstanceScope {
        if case .deferred = declaration.expansion {
            let eachValue = try lateInstances(of: declaration).first { $0.key == key }?.eachValue
            return InstanceScope(scopes, in: declaration.module, key: key, eachValue: eachValue)
        }
        let node = key.map { declaration.node(for: $0) } ?? declaration.instances.first
        return InstanceScope(
            scopes, in: declaration.module, key: key, eachValue: node.flatMap { graph.nodes[$0].eachValue })
    }

    /// The instances of a declaration that only a plan can expand.
    func lateInstances(
        of declaration: ResolvedResource
    ) throws(Diagnostics) -> [(key: InstanceKey?, eachValue: Value?)] {
        switch try InstanceExpander(scope: InstanceScope(scopes, in: declaration.module)).expand(
            declaration.meta, of: declaration.address)
        {
        case .disabled: []
        case .single: [(nil, nil)]
        case .counted(let count): (0..<count).map { (.index($0), nil) }
        case .named(let names): names.map { (.name($0.name), $0.value) }
        }
    }
}

extension StackSession {
    /// Everything that the state says now.
    func snapshot() async throws(Diagnostics) -> StateSnapshot {
        do throws(StateBackendError) {
            return try await backend.snapshot(of: name)
        } catch {
            throw Diagnostics(.error("Cannot read state", error.message))
        }
    }
}
