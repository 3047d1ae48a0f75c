internal import Expressions
internal import PlumbModel
internal import ProviderAPI

/// Decides what becomes of one managed instance.
struct InstancePlanner {
    let instance: DeclaredInstance
    let type: any ResourceType
    let scopes: ModuleScopes
    /// What is recorded of it, and live.
    let entry: RecordedState.Entry?
    let createsFirst: Bool
    let isReplaceRequested: Bool
    let dependencies: [ResourceAddress]

    struct Planned {
        /// Nil: nothing is to be done.
        var change: PlannedChange?
        var rewrite: RecordRewrite?
        /// What those that wait for it see.
        let value: Value
        /// Of its conditions.
        var status = CheckResult.Status.pass
    }

    private var declaration: ResolvedResource { instance.declaration }
    private var address: ResourceAddress { instance.address }

    func plan(triggers: [String], warnings: inout Diagnostics) async throws(Diagnostics) -> Planned {
        guard declaration.meta.hasConditions else { return try await decide(triggers: triggers) }
        // What must hold first may be why the values can be evaluated at all.
        let before = declaration.meta.preconditions.filter { !$0.namesSelf }
        let status = try ConditionChecker(instance.scope(scopes), address: address).check(before, "Precondition failed")
        var planned = try await decide(triggers: triggers)
        planned.status = status
        for (conditions, summary) in declaration.meta.selfConditions {
            let more = try ConditionChecker(instance.scope(scopes, selfValue: planned.value), address: address).check(
                conditions, summary)
            planned.status = planned.status.joined(with: more)
        }
        return planned
    }

    private func decide(triggers: [String]) async throws(Diagnostics) -> Planned {
        let isProtected = try instance.flag(declaration.meta.preventDestroy, "prevent_destroy", scopes)
        var declared = try instance.declaredValues(scopes)
        guard let entry, !entry.isGone, let live = entry.live else {
            let planned = try await ask(prior: nil, declared: declared).planned
            let reason: PlannedChange.Reason = entry == nil ? .declared : .goneOutside
            return Planned(change: change(.create, reason, nil, planned, isProtected), value: planned)
        }
        declared = ignoringChanges(declared, live.values)
        let plan = try await ask(prior: live, declared: declared)
        let replacement = replacementReason(plan, triggers)
        guard let replacement else {
            return try keep(entry, live, plan.planned, isProtected)
        }
        if isProtected || (entry.record.isProtected && declaration.meta.preventDestroy == nil) {
            throw Diagnostics(protectedReplacement(plan.replacePaths))
        }
        // What is made anew has no changes to ignore.
        let planned = try await ask(prior: nil, declared: try instance.declaredValues(scopes)).planned
        return Planned(
            change: change(
                .replace(createBeforeDestroy: createsFirst), replacement, live, planned, isProtected,
                replacePaths: plan.replacePaths), value: planned)
    }

    // MARK: - Deciding

    private func replacementReason(_ plan: ResourcePlan, _ triggers: [String]) -> PlannedChange.Reason? {
        if entry?.record.status == .tainted { return .tainted }
        if isReplaceRequested { return .requested }
        if !plan.replacePaths.isEmpty { return .cannotUpdate }
        return triggers.isEmpty ? nil : .triggered(triggers)
    }

    /// In place, or nothing at all.
    private func keep(
        _ entry: RecordedState.Entry, _ live: ResourceState, _ planned: Value, _ isProtected: Bool
    ) throws(Diagnostics) -> Planned {
        if planned.isSame(as: live.values) {
            let value = live.values.marked(like: planned)
            let rewrite = bookkeeping(entry, live, value, isProtected)
            return Planned(change: nil, rewrite: rewrite, value: value)
        }
        return Planned(
            change: change(.update, updateReason(entry, live, planned), live, planned, isProtected), value: planned)
    }

    /// Who changed it: the spec, somebody outside, or both.
    private func updateReason(
        _ entry: RecordedState.Entry, _ live: ResourceState, _ planned: Value
    ) -> PlannedChange.Reason {
        guard entry.hasDrifted else { return .changed }
        var specChanged = false
        var drifted = false
        for attribute in declaration.schema.attributes {
            let recorded = entry.record.values[key: attribute.name] ?? .null
            let now = live.values[key: attribute.name] ?? .null
            let wanted = planned[key: attribute.name] ?? .null
            guard !wanted.isSame(as: now), !wanted.isUnknown else { continue }
            if !recorded.isSame(as: now) { drifted = true }
            if !recorded.isSame(as: wanted) { specChanged = true }
        }
        return drifted ? (specChanged ? .changedAndDrifted : .drifted) : .changed
    }

    /// What the row has to learn although nothing is done.
    private func bookkeeping(
        _ entry: RecordedState.Entry, _ live: ResourceState, _ value: Value, _ isProtected: Bool
    ) -> RecordRewrite? {
        let record = entry.record
        let isCurrent =
            !entry.isOutdated && record.isProtected == isProtected && record.createsBeforeDestroy == createsFirst
            && record.provider == instance.provider && record.dependencies == dependencies
            && record.privateData == live.privateData && !value.isMarkedBeyond(record.values)
        guard !isCurrent else { return nil }
        return RecordRewrite(
            address: address, provider: instance.provider, values: value, privateData: live.privateData,
            dependencies: dependencies, isProtected: isProtected, createsBeforeDestroy: createsFirst)
    }

    private func change(
        _ action: PlannedChange.Action, _ reason: PlannedChange.Reason, _ live: ResourceState?, _ planned: Value,
        _ isProtected: Bool, replacePaths: [AttributePath] = []
    ) -> PlannedChange {
        PlannedChange(
            address: address, action: action, reason: reason, provider: instance.provider, before: live?.values,
            after: planned, priorPrivateData: live?.privateData, replacePaths: replacePaths,
            declaredAt: declaration.range.location, dependencies: dependencies, isProtected: isProtected,
            createsBeforeDestroy: createsFirst,
            isIrreversible: action.isReplacement && declaration.schema.generatesSecrets)
    }

    // MARK: - Asking the provider

    private func ask(prior: ResourceState?, declared: Value) async throws(Diagnostics) -> ResourcePlan {
        let hasMarks = declared.containsSensitive
        let unmarked = prior.map { ResourceState($0.values.deeplyUnmarked, privateData: $0.privateData) }
        do throws(ProviderError) {
            var plan = try await type.plan(
                PlanRequest(prior: unmarked, declared: hasMarks ? declared.deeplyUnmarked : declared))
            plan.planned = declaration.schema.marked(plan.planned, like: hasMarks ? declared : nil)
            return plan
        } catch {
            throw Diagnostics(
                .error(
                    error.code == .invalid ? "Invalid resource" : "Cannot plan resource",
                    "\(address): \(error.message)", address: address,
                    at: declaration.specNode?.range ?? declaration.range))
        }
    }

    private func ignoringChanges(_ declared: Value, _ live: Value) -> Value {
        let meta = declaration.meta
        guard meta.ignoresAllChanges || !meta.ignoreChanges.isEmpty else { return declared }
        var result = declared
        for attribute in declaration.schema.attributes where attribute.isSettable {
            let path = AttributePath(attribute.name)
            if meta.ignoresAllChanges || meta.ignoreChanges.contains(path) {
                result = result.replacing(path, with: live[path: path])
            }
        }
        for path in meta.ignoreChanges {
            if path.steps.count > 1 { result = result.replacing(path, with: live[path: path]) }
        }
        return result
    }

    private func protectedReplacement(_ paths: [AttributePath]) -> Diagnostic {
        var diagnostic = PlanningWalk.protected(address, "replace", at: declaration.range)
        if !paths.isEmpty {
            diagnostic.notes = paths.map { path in
                .init("\"\(path)\" cannot be changed in place.", at: declaration.specNode?.range(at: path))
            }
        }
        return diagnostic
    }
}

extension Value {
    /// The value with what stands at `path` replaced; nil takes a key of a mapping out. A path that does not fit
    /// changes nothing.
    func replacing(_ path: AttributePath, with other: Value?) -> Value {
        guard let step = path.steps.first else { return other ?? .null }
        let rest = AttributePath(Array(path.steps.dropFirst()))
        switch (step, kind) {
        case (.key(let key), .map(var map, let mapping)):
            if rest.steps.isEmpty {
                map[key] = other
            } else if let inner = map[key] {
                map[key] = inner.replacing(rest, with: other)
            }
            return Value(.map(map, mapping), isSensitive: isSensitive)
        case (.index(let index), .list(var elements, let sequencing)) where elements.indices.contains(index):
            guard !rest.steps.isEmpty || other != nil else { return self }
            elements[index] = elements[index].replacing(rest, with: other)
            return Value(.list(elements, sequencing), isSensitive: isSensitive)
        default: return self
        }
    }
}

extension PlannedChange.Action {
    fileprivate var isReplacement: Bool { if case .replace = self { true } else { false } }
}

extension Schema {
    /// Whether resources of the type hold secrets that the provider made: destroyed, they are gone for good.
    var generatesSecrets: Bool { attributes.contains { $0.isComputed && $0.isSensitive } }
}
