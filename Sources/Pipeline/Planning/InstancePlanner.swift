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
    /// What stays as it is live, whatever the specs say.
    var leaving: [AttributePattern] = []
    var dependencies: [ResourceAddress] = []
    /// What the provider has answered to `firstRequest`; nil where it was not asked ahead.
    var foreseen: Result<ResourcePlan, ProviderError>?

    struct Planned {
        /// Nil: nothing is to be done.
        var change: PlannedChange?
        var rewrite: RecordRewrite?
        /// Set where what exists is taken over, whether or not it is changed then.
        var imported: PlannedImport?
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
        let status = try ConditionChecker(instance.scope(scopes), of: .resource(address)).check(
            before, "Precondition failed")
        var planned = try await decide(triggers: triggers)
        planned.status = status
        for (conditions, summary) in declaration.meta.selfConditions {
            let more = try ConditionChecker(instance.scope(scopes, selfValue: planned.value), of: .resource(address))
                .check(
                    conditions, summary)
            planned.status = planned.status.joined(with: more)
        }
        return planned
    }

    private func decide(triggers: [String]) async throws(Diagnostics) -> Planned {
        let isProtected =
            try instance.flag(declaration.meta.preventDestroy, "prevent_destroy", scopes)
            ?? entry?.record.isProtected ?? false
        let ignored = try ignoredChanges()
        let declared = try declaredValues()
        guard let entry, !entry.isGone, let live = entry.live else {
            let planned = try await ask(prior: nil, declared: declared, foreseen).planned
            let reason: PlannedChange.Reason = entry == nil ? .declared : .goneOutside
            return Planned(change: change(.create, reason, nil, planned, isProtected), value: planned)
        }
        let plan = try await ask(prior: live, declared: leaving(ignored, of: declared, as: live.values), foreseen)
        let replacement = replacementReason(plan, triggers)
        guard let replacement else {
            return try await keep(entry, live, plan.planned, isProtected)
        }
        let isRetained = try instance.flag(declaration.meta.retain, "retain", scopes) ?? false
        if isProtected, !isRetained {
            throw Diagnostics(protectedReplacement(plan.replacePaths))
        }
        // What is made anew has no changes to ignore.
        let planned = try await ask(prior: nil, declared: declared).planned
        if createsFirst { try refuseSameName(live, planned) }
        return Planned(
            change: change(
                .replace(createBeforeDestroy: createsFirst), replacement, live, planned, isProtected,
                replacePaths: plan.replacePaths, retainsOld: isRetained),
            imported: imported(entry, live.values, isProtected), value: planned)
    }

    /// With fingerprints in the place of write-only values: from here on nobody needs these before the apply.
    private func declaredValues() throws(Diagnostics) -> Value {
        declaration.schema.fingerprinted(try instance.declaredValues(scopes), like: entry?.live?.values)
    }

    // MARK: - Deciding

    private func replacementReason(_ plan: ResourcePlan, _ triggers: [String]) -> PlannedChange.Reason? {
        if entry?.record.status == .tainted { return .tainted }
        if isReplaceRequested { return .requested }
        if !plan.replacePaths.isEmpty { return plan.replaceReason.map { .refusedUpdate($0) } ?? .cannotUpdate }
        return triggers.isEmpty ? nil : .triggered(triggers)
    }

    /// In place, or nothing at all.
    private func keep(
        _ entry: RecordedState.Entry, _ live: ResourceState, _ planned: Value, _ isProtected: Bool
    ) async throws(Diagnostics) -> Planned {
        if planned.isSame(as: live.values) {
            let value = live.values.marked(like: planned)
            if try await awaitsReadiness(entry, live, value) {
                return Planned(
                    change: change(.wait, .notReady, live, value, isProtected),
                    imported: imported(entry, value, isProtected), value: awaited(value))
            }
            if let found = imported(entry, value, isProtected) { return Planned(imported: found, value: value) }
            // What was left to drift is to be found as drift again.
            guard leaving.isEmpty else { return Planned(value: value) }
            return Planned(rewrite: rewrite(entry, live, value, isProtected), value: value)
        }
        return Planned(
            change: change(.update, updateReason(entry, live, planned), live, planned, isProtected),
            imported: imported(entry, live.values, isProtected), value: planned)
    }

    private func imported(
        _ entry: RecordedState.Entry, _ values: Value, _ isProtected: Bool
    ) -> PlannedImport? {
        entry.importing.map { statement in
            PlannedImport(
                address: address, id: statement.id, provider: instance.provider, values: values,
                privateData: entry.live?.privateData, bookkeeping: bookkeeping(isProtected),
                declaredAt: statement.range.location)
        }
    }

    /// Whether it was made, and it was never seen to be ready; so it must be waited for still.
    private func awaitsReadiness(
        _ entry: RecordedState.Entry, _ live: ResourceState, _ value: Value
    ) async throws(Diagnostics) -> Bool {
        let isAdopted = entry.generation == nil && entry.importing == nil
        guard entry.record.status == .unready || isAdopted else { return false }
        if let checking = type as? any ReadinessChecking, !checking.isReadyAtOnce(value.deeplyUnmarked) {
            let state = ResourceState(live.values.deeplyUnmarked, privateData: live.privateData)
            do throws(ProviderError) {
                guard case .ready = try await checking.readiness(of: state) else { return true }
            } catch {
                throw problem(error)
            }
        }
        guard let condition = declaration.meta.readyWhen else { return false }
        let answer = try Evaluator(scope: instance.scope(scopes, selfValue: value)).evaluate(condition)
        return (try? answer.converted(to: .bool))?.asBool != true
    }

    /// What others see of something that is waited for: what its system says by itself is still open, such as an address.
    private func awaited(_ value: Value) -> Value {
        guard var values = value.asMap else { return value }
        for attribute in declaration.schema.attributes where attribute.isVolatile {
            let now = values[attribute.name] ?? .null
            values[attribute.name] = Value.unknown(attribute.type).marked(like: now)
        }
        return Value.object(values).marked(like: value)
    }

    /// Who changed it: the spec, somebody outside, or both.
    private func updateReason(
        _ entry: RecordedState.Entry, _ live: ResourceState, _ planned: Value
    ) -> PlannedChange.Reason {
        if entry.importing != nil { return .imported }
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
    private func rewrite(
        _ entry: RecordedState.Entry, _ live: ResourceState, _ value: Value, _ isProtected: Bool
    ) -> RecordRewrite? {
        let record = entry.record
        let isCurrent =
            !entry.isOutdated && record.status != .unready && record.bookkeeping == bookkeeping(isProtected)
            && record.provider == instance.provider && record.privateData == live.privateData
            && !value.isMarkedBeyond(record.values)
        guard !isCurrent else { return nil }
        return RecordRewrite(
            address: address, provider: instance.provider, values: value, privateData: live.privateData,
            bookkeeping: bookkeeping(isProtected), status: .ready)
    }

    private func bookkeeping(_ isProtected: Bool) -> Bookkeeping {
        Bookkeeping(dependencies: dependencies, isProtected: isProtected, createsBeforeDestroy: createsFirst)
    }

    private func change(
        _ action: PlannedChange.Action, _ reason: PlannedChange.Reason, _ live: ResourceState?, _ planned: Value,
        _ isProtected: Bool, replacePaths: [AttributePath] = [], retainsOld: Bool = false
    ) -> PlannedChange {
        PlannedChange(
            address: address, action: action, reason: reason, provider: instance.provider, before: live?.values,
            after: planned, priorPrivateData: live?.privateData, replacePaths: replacePaths,
            declaredAt: declaration.range(of: instance.key).location, bookkeeping: bookkeeping(isProtected),
            isIrreversible: action.isReplacement && !retainsOld && declaration.schema.generatesSecrets,
            retainsOld: retainsOld)
    }

    // MARK: - Asking the provider

    /// What the provider is asked about first, whatever it answers.
    func firstRequest() throws(Diagnostics) -> PlanRequest {
        let declared = try declaredValues()
        guard let entry, !entry.isGone, let live = entry.live else { return request(nil, declared) }
        return request(live, leaving(try ignoredChanges(), of: declared, as: live.values))
    }

    private func request(_ prior: ResourceState?, _ declared: Value) -> PlanRequest {
        KnownSecrets.note(declared)
        let unmarked = prior.map { ResourceState($0.values.deeplyUnmarked, privateData: $0.privateData) }
        return PlanRequest(prior: unmarked, declared: declared.containsSensitive ? declared.deeplyUnmarked : declared)
    }

    private func ask(
        prior: ResourceState?, declared: Value, _ foreseen: Result<ResourcePlan, ProviderError>? = nil
    ) async throws(Diagnostics) -> ResourcePlan {
        let hasMarks = declared.containsSensitive
        do throws(ProviderError) {
            var plan: ResourcePlan
            if let foreseen { plan = try foreseen.get() } else { plan = try await type.plan(request(prior, declared)) }
            plan.planned = declaration.schema.marked(plan.planned, like: hasMarks ? declared : nil)
            return plan
        } catch {
            throw problem(error)
        }
    }

    private func problem(_ error: ProviderError) -> Diagnostics {
        // The place of a rendered object is that of its entry: the template is elsewhere.
        let origin = declaration.origin(of: instance.key).map { " It is rendered from \($0)." } ?? ""
        if !error.faults.isEmpty {
            return Diagnostics(
                error.faults.map { fault in
                    .error(
                        "Invalid resource", "\(address): \(fault.message)\(origin)", address: address,
                        at: declaration.range(of: instance.key, at: fault.path, isKey: fault.isKey))
                })
        }
        return Diagnostics(
            .error(
                error.code == .invalid ? "Invalid resource" : RepeatedProblems.summary,
                "\(address): \(error.message)\(error.code == .invalid ? origin : "")", address: address,
                at: declaration.specNode?.range ?? declaration.range(of: instance.key)
            ).passing(if: error.isUnreachable))
    }

    /// Evaluated for a creation too: what is wrong with it is told by the first plan, not by the first that changes something.
    private func ignoredChanges() throws(Diagnostics) -> IgnoredChanges? {
        guard case .expression(let expression)? = declaration.meta.ignoreChanges else {
            return declaration.meta.ignoreChanges
        }
        return try Evaluator(scope: instance.scope(scopes)).ignoredChanges(expression, of: address, declaration.schema)
    }

    private func leaving(_ ignored: IgnoredChanges?, of declared: Value, as live: Value) -> Value {
        let declared = leaving.reduce(declared) { $0.taking($1, from: live) }
        switch ignored {
        case nil: return declared
        case .all:
            let settable = declaration.schema.attributes.filter(\.isSettable).map {
                ($0.name, live[key: $0.name] ?? .null)
            }
            return .object((declared.asMap ?? ValueMap()).merging(ValueMap(settable)))
        case .patterns(let patterns): return patterns.reduce(declared) { $0.taking($1, from: live) }
        case .expression: preconditionFailure("an expression for ignore_changes gives paths")
        }
    }

    /// Under one name the new resource cannot come before the old one has gone; applied, the one would become the other.
    private func refuseSameName(_ live: ResourceState, _ planned: Value) throws(Diagnostics) {
        guard let type = type as? any ExclusivelyNamed,
            let old = type.exclusiveName(of: ResourceState(live.values.deeplyUnmarked, privateData: live.privateData)),
            old == type.exclusiveName(of: ResourceState(planned.deeplyUnmarked))
        else { return }
        throw Diagnostics(
            .error(
                "Replacement under the same name",
                "\(address) is to be created before the old one is destroyed, but both have the same name, and there can be one "
                    + "of a name at a time. Give the new one another name; or leave out `create_before_destroy`, here and "
                    + "where it is set for what waits for this.",
                address: address, at: declaration.specNode?.range ?? declaration.range(of: instance.key)))
    }

    private func protectedReplacement(_ paths: [AttributePath]) -> Diagnostic {
        var diagnostic = Diagnostic.protected(address, "replace", at: declaration.range(of: instance.key))
        if !paths.isEmpty {
            diagnostic.notes = paths.map { path in
                .init("\"\(path)\" cannot be changed in place.", at: declaration.specNode?.range(at: path))
            }
        }
        return diagnostic
    }
}

extension PlannedChange.Action {
    fileprivate var isReplacement: Bool { if case .replace = self { true } else { false } }
}

extension Schema {
    /// Whether resources of the type hold secrets that the provider made: destroyed, they are gone for good.
    var generatesSecrets: Bool { attributes.contains { $0.isComputed && $0.isSensitive } }
}
