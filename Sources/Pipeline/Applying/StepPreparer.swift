internal import Expressions
internal import PlumbModel
internal import ProviderAPI

/// Makes a step ready to run: fills in what the plan marked unknown from what earlier steps have given.
struct StepPreparer {
    private let applier: Applier
    private let state: AppliedState
    private let scopes: ModuleScopes
    private let references: ReferenceIndex
    private let lateEachValues = LateEachValues()

    init(applier: Applier, state: AppliedState, files: any SpecificationSource) {
        self.applier = applier
        self.state = state
        let graph = applier.graph
        scopes = ModuleScopes(
            graph, files: files, resources: state.values, phase: .applying(plannedAt: applier.plan.origin.createdAt))
        references = ReferenceIndex(graph)
    }

    private var plan: Plan { applier.plan }

    /// - Parameter deposedKey: where an earlier step of the same change has put the old instance.
    func prepare(_ index: Int, deposedKey: String?) throws(Diagnostics) -> StepWork {
        let step = plan.steps[index]
        let change = plan.changes[step.change]
        try configure(change.provider)
        let (call, writeOnly) = try call(step, change)
        let prior = change.before.map { ResourceState($0, privateData: change.priorPrivateData) }
        return StepWork(
            index: index, step: step, intent: RunIdentifier.make(), change: change, call: call, writeOnly: writeOnly,
            prior: prior,
            timeout: timeout(step, change), retry: declaration(change)?.meta.retry,
            deposedKey: change.deposedKey ?? deposedKey,
            awaitsReadiness: declaration(change)?.meta.readyWhen != nil || !isReadyAtOnce(call, change),
            readyTimeout: declaration(change)?.meta.readyTimeout ?? 300)
    }

    private func isReadyAtOnce(_ call: StepWork.Call, _ change: PlannedChange) -> Bool {
        switch call {
        case .create(let type as any ReadinessChecking, let planned, _),
            .update(let type as any ReadinessChecking, let planned):
            type.isReadyAtOnce(planned.deeplyUnmarked)
        case .wait(let type as any ReadinessChecking): type.isReadyAtOnce((change.after ?? .null).deeplyUnmarked)
        default: true
        }
    }

    /// Configures an instance whose settings come from resources: all that it waits for is done by now.
    private func configure(_ provider: String) throws(Diagnostics) {
        guard let late = applier.catalogue.late(provider),
            let settings = applier.graph.lateProviders.first(where: { $0.name == provider })
        else { return }
        try late.configure(try settings.settings(scopes), at: .current)
    }

    private func call(
        _ step: PlannedStep, _ change: PlannedChange
    ) throws(Diagnostics) -> (StepWork.Call, writeOnly: [String: Value]) {
        switch step.kind {
        case .forget: return (.forget, [:])
        case .wait: return (.wait(try resourceType(change)), [:])
        // What goes is reached as it was when it was made.
        case .delete:
            let isRecorded = applier.catalogue.isConfigured(change.provider, at: .recorded)
            return (.delete(try resourceType(change, at: isRecorded ? .recorded : .current)), [:])
        case .read:
            guard let type = applier.catalogue.dataType(change.address.type, of: change.provider) else {
                throw Diagnostics(missingType(change))
            }
            let declared = try declared(change)
            try checkPreconditions(change, declared)
            return (.read(type, declared: declared), [:])
        case .create:
            let old: ResourceRecord? =
                if case .replace(createBeforeDestroy: true) = change.action { state.record(change.address) } else {
                    nil
                }
            let (planned, writeOnly) = try planned(change)
            return (.create(try resourceType(change), planned: planned, deposing: old), writeOnly)
        case .update:
            let (planned, writeOnly) = try planned(change)
            return (.update(try resourceType(change), planned: planned), writeOnly)
        }
    }

    private func resourceType(
        _ change: PlannedChange, at moment: LateProvider.Moment = .current
    ) throws(Diagnostics) -> any ResourceType {
        guard let type = applier.catalogue.resourceType(change.address.type, of: change.provider, at: moment) else {
            throw Diagnostics(missingType(change))
        }
        return type
    }

    private func missingType(_ change: PlannedChange) -> Diagnostic {
        .error(
            "Provider not configured",
            "\(change.address) belongs to the provider instance \"\(change.provider)\", which is not configured or has no "
                + "type \(change.address.type).", address: change.address)
    }

    // MARK: - Filling unknowns

    /// The planned values with what is known by now. Unknowns that remain are the provider's to fill.
    private func planned(
        _ change: PlannedChange
    ) throws(Diagnostics) -> (values: Value, writeOnly: [String: Value]) {
        guard let after = change.after else {
            preconditionFailure("\(change.address) is made, so it has planned values")
        }
        // What a condition waits for may be known only now, even where all values were known before.
        try checkPreconditions(change, after)
        guard let schema = declaration(change)?.schema, schema.hasWriteOnly || !after.isWhollyKnown else {
            return (after, [:])
        }
        let declared = try declared(change)
        let writeOnly = try WriteOnlyChecker(change, schema, at: declaration(change)?.specNode).values(declared)
        return (try filled(after, change, schema, schema.fingerprinted(declared, like: after)), writeOnly)
    }

    private func filled(
        _ after: Value, _ change: PlannedChange, _ schema: Schema, _ declared: Value
    ) throws(Diagnostics) -> Value {
        guard !after.isWhollyKnown else { return after }
        var attributes: [(String, Value)] = []
        for attribute in schema.attributes {
            let promise = after[key: attribute.name] ?? .null
            let given = declared[key: attribute.name] ?? .null
            guard !promise.isWhollyKnown, attribute.isSettable else {
                attributes.append((attribute.name, promise))
                continue
            }
            if given.isNull {
                // The provider decides what the spec leaves out; what it cannot decide is absent.
                let absent = attribute.isComputed ? promise : attribute.defaultValue ?? given
                attributes.append((attribute.name, absent))
                continue
            }
            guard let filled = promise.filled(from: given, keepingNulls: attribute.isFilledInside) else {
                throw Diagnostics(broken(change, attribute.name))
            }
            attributes.append((attribute.name, filled))
        }
        return .object(ValueMap(attributes))
    }

    private func broken(_ change: PlannedChange, _ attribute: String) -> Diagnostic {
        .error(
            "Value differs from the plan",
            "\(change.address) was to get a value for \"\(attribute)\" of the shape that the plan shows, but what came out of "
                + "earlier steps has another one. The plan is a promise, so the change was not made. Plan again.",
            address: change.address, at: declaration(change)?.specNode?.range(at: AttributePath(attribute)))
    }

    private func declaration(_ change: PlannedChange) -> ResolvedResource? {
        applier.graph.declaration(at: change.address.resource).map { applier.graph.declarations[$0] }
    }

    private func declared(_ change: PlannedChange) throws(Diagnostics) -> Value {
        guard let declaration = declaration(change) else { return .null }
        let value = try Evaluator(scope: instanceScope(change, declaration)).evaluate(declaration.spec)
        return try SchemaConformer(
            schema: declaration.schema, node: declaration.specNode, address: change.address, range: declaration.range
        ).conform(value)
    }

    private func instanceScope(
        _ change: PlannedChange, _ declaration: ResolvedResource, selfValue: Value? = nil
    ) -> InstanceScope {
        instanceScope(change.address.key, declaration, selfValue)
    }

    private func instanceScope(
        _ key: InstanceKey?, _ declaration: ResolvedResource, _ selfValue: Value?
    ) -> InstanceScope {
        InstanceScope(
            scopes, in: declaration.module, key: key, eachValue: eachValue(key, declaration), selfValue: selfValue)
    }

    private func eachValue(_ key: InstanceKey?, _ declaration: ResolvedResource) -> Value? {
        if let node = key.flatMap(declaration.node(for:)) { return applier.graph.nodes[node].eachValue }
        guard case .deferred = declaration.expansion, declaration.meta.forEach != nil, let key else { return nil }
        return lateEachValues.value(key, declaration, scopes)
    }

    // MARK: - Conditions

    private func checkPreconditions(_ change: PlannedChange, _ planned: Value) throws(Diagnostics) {
        guard let declaration = declaration(change), !declaration.meta.preconditions.isEmpty else { return }
        try ConditionChecker(instanceScope(change, declaration, selfValue: planned), of: .resource(change.address))
            .check(
                declaration.meta.preconditions, "Precondition failed")
    }

    func checkAfter(_ work: StepWork, _ values: Value?) throws(Diagnostics) {
        guard let values, let declaration = declaration(work.change), !declaration.meta.postconditions.isEmpty else {
            return
        }
        try ConditionChecker(
            instanceScope(work.change, declaration, selfValue: values), of: .resource(work.change.address)
        )
        .check(declaration.meta.postconditions, "Postcondition failed")
    }

    /// The conditions of an instance as they are after the run.
    ///
    /// - Returns: nil where there is no such instance.
    func judge(_ address: ResourceAddress) -> (preconditions: ConditionJudgement, postconditions: ConditionJudgement)? {
        guard let index = applier.graph.declaration(at: address.resource) else { return nil }
        let declaration = applier.graph.declarations[index]
        let value = try? state.values.value(of: address.resource, key: address.key, at: declaration.range)
        guard let value else { return nil }
        let checker = ConditionChecker(instanceScope(address.key, declaration, value), of: .resource(address))
        return (checker.judge(declaration.meta.preconditions), checker.judge(declaration.meta.postconditions))
    }

    func judge(
        _ validation: ResolvedValidation, in module: Int, _ problems: inout Diagnostics
    ) -> ConditionJudgement {
        validation.judge(InstanceScope(scopes, in: module), &problems)
    }

    func judge(_ output: ResolvedOutput, in module: Int) -> ConditionJudgement {
        ConditionChecker(InstanceScope(scopes, in: module), of: .output(output.name)).judge(output.preconditions)
    }

    func reviewer(of check: ResolvedCheck, in module: Int) -> CheckReviewer {
        CheckReviewer(check, scopes: scopes, in: module)
    }

    // MARK: - Times

    private func timeout(_ step: PlannedStep, _ change: PlannedChange) -> Double? {
        let timeouts = declaration(change)?.meta.timeouts
        return switch step.kind {
        case .create: timeouts?.create
        case .update: timeouts?.update
        case .delete: timeouts?.delete
        case .read, .forget, .wait: nil
        }
    }

    /// What a step has to wait for after its call; nil for nothing.
    func readiness(of work: StepWork) -> ReadinessWaiter.Condition? {
        guard work.awaitsReadiness, [.create, .update, .wait].contains(work.step.kind),
            let declaration = declaration(work.change),
            let when = declaration.meta.readyWhen
        else { return nil }
        let key = work.change.address.key
        return ReadinessWaiter.Condition(
            expression: when, module: declaration.module, key: key, eachValue: eachValue(key, declaration),
            others: values(namedIn: when, in: declaration.module))
    }

    /// The resources that an expression names, also through locals, as they are now. What it waits for is done by now, so
    /// they stay like this.
    private func values(namedIn expression: ValueExpression, in module: Int) -> [ResourceAddress: Value] {
        var values: [ResourceAddress: Value] = [:]
        for address in resources(namedIn: expression, in: module) {
            // One that cannot be given is missed only if the expression really asks for it.
            values[address] = try? state.values.value(of: address, key: nil, at: expression.range)
        }
        return values
    }

    private func resources(namedIn expression: ValueExpression, in module: Int) -> Set<ResourceAddress> {
        Set(references.declarations(namedIn: expression, in: module).map { applier.graph.declarations[$0].address })
    }

    // MARK: - Outputs

    /// Whether an output is made of any of these resources (without keys).
    func waits(output name: String, for resources: Set<ResourceAddress>) -> Bool {
        guard !resources.isEmpty, let output = applier.graph.root.output(name) else {
            return false
        }
        if output.dependsOn.contains(where: { $0.names(anyOf: resources, in: []) }) { return true }
        return !self.resources(namedIn: output.value, in: 0).isDisjoint(with: resources)
    }

    /// Nil where it waits for what has not come to be.
    func output(_ name: String) -> Value? {
        guard let output = applier.graph.root.output(name) else { return nil }
        let value = try? Evaluator(scope: scopes.stack).evaluate(output.value)
        return value?.sensitive(output.isSensitive)
    }
}

/// Remembers what `each.value` is in declarations that were expanded while planning: `for_each` was known then, so it is
/// known now, and is evaluated once.
private final class LateEachValues {
    private var values: [ResourceAddress: [InstanceKey: Value]] = [:]

    func value(_ key: InstanceKey, _ declaration: ResolvedResource, _ scopes: ModuleScopes) -> Value? {
        if let known = values[declaration.address] { return known[key] }
        var names: [InstanceKey: Value] = [:]
        let expander = InstanceExpander(scope: InstanceScope(scopes, in: declaration.module))
        if case .named(let all)? = try? expander.expand(declaration.meta, of: declaration.address) {
            for (name, value) in all { names[.name(name)] = value }
        }
        values[declaration.address] = names
        return names[key]
    }
}
