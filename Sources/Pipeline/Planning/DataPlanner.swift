internal import Expressions
internal import PlumbModel
internal import ProviderAPI

/// Decides whether one data instance is read now, and reads it, or leaves the reading to the apply.
struct DataPlanner {
    let instance: DeclaredInstance
    let catalogue: ProviderCatalogue
    let graph: ResourceGraph
    let scopes: ModuleScopes
    /// Without keys: the resources that this plan changes.
    let changing: Set<ResourceAddress>
    let dependencies: [ResourceAddress]

    struct Planned {
        /// Nil where it was read.
        var change: PlannedChange?
        /// What those that wait for it see.
        let value: Value
        /// Of its conditions.
        let status: CheckResult.Status
    }

    private var declaration: ResolvedResource { instance.declaration }
    private var address: ResourceAddress { instance.address }

    func plan() async throws(Diagnostics) -> Planned {
        // What must hold before it is read may be why its values can be evaluated at all.
        let before = declaration.meta.preconditions.filter { !$0.namesSelf }
        var status = try ConditionChecker(instance.scope(scopes), of: .resource(address)).check(
            before, "Precondition failed")
        let declared = try instance.declaredValues(scopes)
        if let reason = reasonToWait(declared, status) {
            let planned = declaration.schema.plan(PlanRequest(prior: nil, declared: declared)).planned
            let conditions = declaration.meta.selfConditions
            for (group, summary) in conditions { status = status.joined(with: try check(group, summary, planned)) }
            let change = PlannedChange(
                address: address, action: .read, reason: reason, provider: instance.provider, before: nil,
                after: planned, declaredAt: declaration.range.location,
                bookkeeping: Bookkeeping(dependencies: dependencies))
            return Planned(change: change, value: planned, status: status)
        }
        let read = try await catalogue.read(
            declaration, at: address, of: instance.provider, declared: declared)
        for (group, summary) in declaration.meta.selfConditions {
            status = status.joined(with: try check(group, summary, read))
        }
        return Planned(change: nil, value: read, status: status)
    }

    /// Nil: it can be read now.
    private func reasonToWait(_ declared: Value, _ status: CheckResult.Status) -> PlannedChange.Reason? {
        if !declared.isWhollyKnown || !catalogue.isConfigured(instance.provider) { return .readLater }
        // Read now, it would give what the change is about to make untrue.
        if graph.waits(declaration, forAnyOf: changing) { return .readAfterChanges }
        return status == .unknown ? .readAfterChanges : nil
    }

    private func check(
        _ conditions: [ResolvedResource.Condition], _ summary: String, _ value: Value
    ) throws(Diagnostics) -> CheckResult.Status {
        try ConditionChecker(instance.scope(scopes, selfValue: value), of: .resource(address)).check(
            conditions, summary)
    }
}

extension ResourceGraph {
    /// Whether a data resource names, by itself or with `depends_on`, any of these resources (without keys). What it names
    /// through locals does not count: that is how to read without waiting.
    func waits(_ data: ResolvedResource, forAnyOf resources: Set<ResourceAddress>) -> Bool {
        if data.awaited.contains(where: { resources.contains(declarations[$0].address) }) { return true }
        let path = modules[data.module].path
        let meta = data.meta
        if meta.dependsOn.contains(where: { $0.names(anyOf: resources, in: path) }) { return true }
        let conditions = (meta.preconditions + meta.postconditions).flatMap { [$0.condition, $0.message] }
        let expressions = [data.spec] + [meta.forEach, meta.count, meta.enabled].compactMap(\.self) + conditions
        return expressions.contains { expression in
            expression.references.contains { found in
                guard case .resource(let address) = found.reference else { return false }
                return address.mode == .managed && resources.contains(address.inside(path))
            }
        }
    }
}

extension ResolvedResource.Condition {
    /// Whether it looks at the resource itself, so that it cannot be judged before there are planned values.
    var namesSelf: Bool {
        (condition.references + message.references).contains { $0.reference == .selfResource }
    }
}

extension ResolvedResource.Meta {
    /// The conditions that look at planned or live values, with what their failure is called.
    var selfConditions: [([ResolvedResource.Condition], String)] {
        [(preconditions.filter(\.namesSelf), "Precondition failed"), (postconditions, "Postcondition failed")]
    }

    var hasConditions: Bool { !preconditions.isEmpty || !postconditions.isEmpty }
}
