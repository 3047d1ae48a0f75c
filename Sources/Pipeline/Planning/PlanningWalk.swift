internal import Expressions
internal import PlumbModel
internal import ProviderAPI

/// One pass over the graph: plans each instance with the planned values of all that it waits for.
struct PlanningWalk {
    let graph: ResourceGraph
    let catalogue: ProviderCatalogue
    let options: PlanOptions
    let selection: Selection
    private(set) var state: RecordedState
    private let refreshing: Refresher
    /// Provider instances whose settings have been taken from what is planned.
    private var configured: Set<String> = []
    /// Declarations whose replacements create first: asked for, or waited for by one that does.
    let createsFirst: CreateFirst
    private let values: GraphValues
    private let scopes: ModuleScopes

    private(set) var diagnostics = Diagnostics()
    private var changes: [PlannedChange] = []
    private var changeByAddress: [ResourceAddress: Int] = [:]
    /// Addresses without keys.
    private var changedResources: Set<ResourceAddress> = []
    /// Whether anything asks for `changedResources`: only data does.
    private let keepsChanged: Bool
    /// What `replace_triggered_by` counts: instances, and resources without keys; kept where anything asks for it.
    private let keepsTriggers: Bool
    private var triggering: Set<ResourceAddress> = []
    private var triggeringChanges: [ResourceAddress: PlannedChange] = [:]
    /// What each data declaration waits for, data followed through to managed resources.
    private var managedBehindData: [Int: [ResourceAddress]] = [:]
    private var rewrites: [RecordRewrite] = []
    private var imports: [PlannedImport] = []
    private var data: [PlannedData] = []
    private var outputs: [PlannedOutput] = []
    /// What came of conditions.
    private var checks: [CheckResult] = []
    private(set) var unchanged: [ResourceAddress] = []
    private(set) var driftPolicies: [ResourceAddress: DriftPolicy] = [:]
    private let holds: HeldAddresses
    /// What would be planned if nothing were held.
    private let wanted: Selection
    private var held: [HeldDifference] = []
    /// Addresses of all declared instances, selected or not.
    private var declared: Set<ResourceAddress> = []

    init(
        graph: ResourceGraph, catalogue: ProviderCatalogue, files: any SpecificationSource, options: PlanOptions,
        selection: Selection, state: RecordedState, refreshing: Refresher, holds: HeldAddresses,
        wanted: Selection, plannedAt: Double
    ) {
        self.refreshing = refreshing
        self.holds = holds
        self.wanted = wanted
        self.graph = graph
        self.catalogue = catalogue
        self.options = options
        self.selection = selection
        self.state = state
        values = GraphValues(graph)
        keepsTriggers = graph.declarations.contains { !$0.meta.replaceTriggeredBy.isEmpty }
        // Grown step by step, the largest tables would be hashed over and over.
        declared.reserveCapacity(graph.nodes.count)
        changes.reserveCapacity(graph.nodes.count)
        changeByAddress.reserveCapacity(graph.nodes.count)
        let readsData = graph.declarations.contains { $0.address.mode == .data }
        keepsChanged = readsData || graph.modules.contains { $0.content.checks.contains { $0.data != nil } }
        let phase = Surroundings.Phase.planning(at: plannedAt)
        scopes = ModuleScopes(graph, files: files, resources: values, phase: phase)
        // A scope of its own: locals evaluated now, before anything is planned, must not be remembered.
        createsFirst = CreateFirst(graph, ModuleScopes(graph, files: files, resources: values, phase: phase))
    }

    mutating func note(_ warnings: Diagnostics) { diagnostics.append(warnings) }

    // MARK: - Declared resources

    mutating func walkDeclared() async {
        diagnostics.append(createsFirst.diagnostics)
        var foresight = Foresight(graph, catalogue)
        for (position, entry) in graph.order.enumerated() {
            await foresight.look(from: position) { request(for: $0) }
            defer { foresight.pass(entry) }
            switch entry {
            case .node(let index):
                let isSelected = selection.includes(node: index)
                let value = await plan(instance(index), isSelected: isSelected, foreseen: foresight.answer(index))
                values.set(value, node: index)
            case .deferred(let index): await planDeferred(index)
            }
        }
    }

    private func instance(_ index: Int) -> DeclaredInstance {
        let node = graph.nodes[index]
        return DeclaredInstance(
            declaration: graph.declarations[node.declaration], declarationIndex: node.declaration, node: index,
            key: node.key, eachValue: node.eachValue, provider: node.provider, dependencies: node.dependencies)
    }

    /// What will be asked first about a node that waits for nothing; nil where nothing will, or what is wrong with it has
    /// to be told first.
    private func request(for index: Int) -> PlanRequest? {
        let instance = instance(index)
        guard selection.includes(node: index), state.held[instance.address] == nil, !stays(instance.address),
            let type = catalogue.resourceType(instance.address.type, of: instance.provider)
        else { return nil }
        return try? planner(instance, type).firstRequest()
    }

    /// Whether it stays as it is: it is held, or nobody knows what it is like.
    private func stays(_ address: ResourceAddress) -> Bool {
        guard address.mode == .managed else { return false }
        return isHeld(address) || (options.sparesUnreadable && state[address]?.unreadable != nil)
    }

    private func isHeld(_ address: ResourceAddress) -> Bool {
        address.mode == .managed && !holds.isEmpty && holds.hold(of: address) != nil
    }

    private func planner(_ instance: DeclaredInstance, _ type: any ResourceType) -> InstancePlanner {
        InstancePlanner(
            instance: instance, type: type, scopes: scopes, entry: state[instance.address],
            createsFirst: createsFirst.contains(instance.declarationIndex, node: instance.node),
            isReplaceRequested: isReplaceRequested(instance), leaving: options.leaving[instance.address] ?? [])
    }

    private mutating func planDeferred(_ index: Int) async {
        let declaration = graph.declarations[index]
        guard selection.includes(declaration: index) else { return keepDeferred(index) }
        let expansion = diagnostics.collect { () throws(Diagnostics) in
            try InstanceExpander(scope: InstanceScope(scopes, in: declaration.module)).expand(
                declaration.meta, of: declaration.address)
        }
        let instances: [(key: InstanceKey?, eachValue: Value?)]
        switch expansion {
        case nil, .disabled: instances = []
        case .single: instances = [(nil, nil)]
        case .counted(let count): instances = (0..<count).map { (.index($0), nil) }
        case .named(let names): instances = names.map { (.name($0.name), $0.value) }
        }
        var planned: [(key: InstanceKey?, value: Value)] = []
        for (key, eachValue) in instances {
            let scope = InstanceScope(scopes, in: declaration.module, key: key, eachValue: eachValue)
            let provider = diagnostics.collect { () throws(Diagnostics) in
                try ProviderChoice(catalogue.hasInstance).provider(of: declaration, scope)
            }
            let instance = DeclaredInstance(
                declaration: declaration, declarationIndex: index, node: nil, key: key, eachValue: eachValue,
                provider: provider ?? declaration.provider, dependencies: [])
            let isSelected = selection.includes(late: instance.address, of: index, file: declaration.range.file.path)
            planned.append((key, await plan(instance, isSelected: isSelected)))
        }
        values.set(planned, deferred: index)
    }

    /// What a plan with targets leaves alone is not expanded, since what it waits for may not be planned either: the
    /// recorded instances stand for the declared ones.
    private mutating func keepDeferred(_ index: Int) {
        let kept = state.entries(of: graph.declarations[index].address).filter { $0.record.deposedKey == nil }
        for entry in kept { declared.insert(entry.record.address) }
        values.set(kept.map { ($0.record.address.key, $0.live?.values ?? $0.record.values) }, deferred: index)
    }

    /// Plans one instance and gives its planned values, as what waits for it sees them.
    private mutating func plan(
        _ instance: DeclaredInstance, isSelected: Bool, foreseen: Result<ResourcePlan, ProviderError>? = nil
    ) async -> Value {
        let address = instance.address
        declared.insert(address)
        let unplanned = Value.unknown(instance.declaration.schema.objectType)
        if isHeld(address) { await noteHeld(instance, isSelected: isSelected) }
        guard isSelected, !stays(address) else { return state[address]?.live?.values ?? unplanned }
        if let why = state.held[address] {
            diagnostics.append(.held(address, why, at: instance.declaration.range(of: instance.key)))
            return state[address]?.live?.values ?? unplanned
        }
        do throws(Diagnostics) {
            try await configure(instance.provider)
            if address.mode == .data { return try await planData(instance) }
            return try await planManaged(instance, foreseen)
        } catch {
            diagnostics.append(error)
            return unplanned
        }
    }

    /// Notes what would be done to an instance if it were not held. Where that cannot be told, nothing is said: nothing is done.
    private mutating func noteHeld(_ instance: DeclaredInstance, isSelected: Bool) async {
        let address = instance.address
        guard let hold = holds.hold(of: address), state.held[address] == nil, options.mode == .normal,
            let type = catalogue.resourceType(address.type, of: instance.provider)
        else { return }
        guard let entry = state[address] else {
            // A hold takes what is not there yet out of the selection, with all that waits for it.
            let isWanted = instance.node.map(wanted.includes(node:)) ?? true
            if isWanted { held.append(HeldDifference(address, .create, heldBy: hold)) }
            return
        }
        guard isSelected else { return }
        // Whether its provider can be configured is for those to tell that are not held.
        if catalogue.late(instance.provider) != nil, !configured.contains(instance.provider) {
            if entry.hasDrifted { held.append(HeldDifference(address, .update, heldBy: hold)) }
            return
        }
        var action: PlannedChange.Action?
        do throws(Diagnostics) {
            var planner = planner(instance, type)
            planner.dependencies = dependencyAddresses(instance)
            var unsaid = Diagnostics()
            action = try await planner.plan(triggers: try triggers(of: instance), warnings: &unsaid).change?.action
        } catch {
            action = entry.hasDrifted ? .update : nil
        }
        if let action { held.append(HeldDifference(address, action, heldBy: hold)) }
    }

    /// Configures an instance whose settings come from resources by what is planned of these, before it is first asked.
    private mutating func configure(_ provider: String) async throws(Diagnostics) {
        guard let late = catalogue.late(provider), configured.insert(provider).inserted,
            let settings = graph.lateProviders.first(where: { $0.name == provider })
        else { return }
        let values = try settings.settings(scopes)
        try late.configure(values, at: .current)
        // What only data resources tell is not recorded, so nothing could be read by way of it until now.
        guard options.refreshes, !late.isConfigured(at: .recorded), late.isConfigured(at: .current) else { return }
        try late.configure(values, at: .recorded)
        let rows = state.entries.indices.filter { state.entries[$0].record.provider == provider }
        let findings = try await refreshing.refresh(rows.map { state.entries[$0].record })
        state.take(findings, at: rows) { [catalogue] record in
            catalogue.schema(of: record.address.type, .managed, in: provider)
        }
    }

    private mutating func planManaged(
        _ instance: DeclaredInstance, _ foreseen: Result<ResourcePlan, ProviderError>?
    ) async throws(Diagnostics) -> Value {
        guard let type = catalogue.resourceType(instance.address.type, of: instance.provider) else {
            preconditionFailure("the resolver has found \(instance.address.type) in \(instance.provider)")
        }
        var planner = planner(instance, type)
        planner.dependencies = dependencyAddresses(instance)
        planner.foreseen = foreseen
        if let policy = try DriftRuling(instance: instance, scopes: scopes).policy() {
            driftPolicies[instance.address] = policy
        }
        let triggers = try triggers(of: instance)
        let planned = try await planner.plan(triggers: triggers, warnings: &diagnostics)
        switch planned.change {
        case let change?: add(change)
        case nil: unchanged.append(instance.address)
        }
        if let found = planned.imported { imports.append(found) }
        if let rewrite = planned.rewrite { rewrites.append(rewrite) }
        note(planned.status, instance)
        return planned.value
    }

    private mutating func add(_ change: PlannedChange) {
        if change.deposedKey == nil { changeByAddress[change.address] = changes.count }
        if keepsChanged { changedResources.insert(change.address.resource) }
        if keepsTriggers, change.isTrigger {
            triggering.formUnion([change.address, change.address.resource])
            triggeringChanges[change.address] = change
        }
        changes.append(change)
    }

    private func triggers(of instance: DeclaredInstance) throws(Diagnostics) -> [String] {
        guard !instance.declaration.meta.replaceTriggeredBy.isEmpty, !triggering.isEmpty else { return [] }
        let finder = TriggerFinder(graph: graph, changes: triggeringChanges, changed: triggering)
        return try finder.triggers(of: instance, scopes)
    }

    private func isReplaceRequested(_ instance: DeclaredInstance) -> Bool {
        !options.replaces.isEmpty
            && options.replaces.contains { $0.matches(instance.address, file: instance.declaration.range.file.path) }
    }

    // MARK: - Data resources

    private mutating func planData(_ instance: DeclaredInstance) async throws(Diagnostics) -> Value {
        let planner = DataPlanner(
            instance: instance, catalogue: catalogue, graph: graph, scopes: scopes, changing: changedResources,
            dependencies: dependencyAddresses(instance))
        let planned = try await planner.plan()
        note(planned.status, instance)
        if let change = planned.change {
            add(change)
        } else {
            data.append(PlannedData(address: instance.address, values: planned.value))
        }
        return planned.value
    }

    private mutating func note(_ status: CheckResult.Status, _ instance: DeclaredInstance) {
        guard instance.declaration.meta.hasConditions else { return }
        checks.append(CheckResult(.resource(instance.address), status))
    }

    /// What the state will say this instance depends on: instances, or whole resources without a key. What it reads
    /// through data resources counts too, or it would be destroyed after what it was made from.
    private mutating func dependencyAddresses(_ instance: DeclaredInstance) -> [ResourceAddress] {
        var addresses: [ResourceAddress] = []
        var hasData = false
        for node in instance.dependencies {
            let (declaration, key) = (graph.nodes[node].declaration, graph.nodes[node].key)
            if graph.declarations[declaration].address.mode == .managed {
                addresses.append(graph.declarations[declaration].address.instance(key))
            } else {
                hasData = true
                addresses += managed(behindData: declaration)
            }
        }
        for declaration in instance.declaration.dependencies {
            if graph.declarations[declaration].address.mode == .managed {
                addresses.append(graph.declarations[declaration].address)
            } else {
                hasData = true
                addresses += managed(behindData: declaration)
            }
        }
        guard hasData else { return addresses }
        var seen: Set<ResourceAddress> = []
        return addresses.filter { seen.insert($0).inserted }
    }

    private mutating func managed(behindData index: Int) -> [ResourceAddress] {
        if let known = managedBehindData[index] { return known }
        var seen: Set<Int> = [index]
        var pending = [index]
        var found: [ResourceAddress] = []
        while let current = pending.popLast() {
            let declaration = graph.declarations[current]
            let own = declaration.instances.flatMap { graph.nodes[$0].dependencies }.map { graph.nodes[$0].declaration }
            for next in declaration.dependencies + own where seen.insert(next).inserted {
                let address = graph.declarations[next].address
                if address.mode == .managed { found.append(address) } else { pending.append(next) }
            }
        }
        managedBehindData[index] = found
        return found
    }

    // MARK: - What is recorded and no longer declared

    mutating func planUndeclared() {
        let planner = DeletionPlanner(
            graph: graph, catalogue: catalogue, options: options, selection: selection, state: state, scopes: scopes,
            declared: declared, holds: holds)
        let planned = planner.plan(&diagnostics)
        for change in planned.changes { add(change) }
        rewrites += planned.rewrites
        held += planned.held
        if options.mode == .normal, let proposal = MoveProposer(catalogue: catalogue).proposal(changes) {
            diagnostics.append(proposal)
        }
    }

    // MARK: - Refresh only

    mutating func planRefreshOnly() {
        for entry in state.entries where entry.hasDrifted && entry.record.deposedKey == nil {
            rewrites.append(entry.isGone ? entry.removal : entry.refreshed)
        }
        unchanged = state.entries.map(\.record.address)
    }

    /// Outputs, and what else looks at the stack as a whole.
    mutating func planOutputs(recorded: [OutputRecord]) async {
        if options.mode == .refreshOnly { return await reviewLive() }
        if options.mode == .destroy {
            // A part of a stack takes no output along: what is not named here stays as it is recorded.
            if options.targets.isEmpty, options.excludes.isEmpty { outputs = recorded.map(PlannedOutput.deletion) }
            return
        }
        // Where an instance has failed, its outputs would only repeat the failure.
        guard !diagnostics.hasErrors else { return }
        var planner = OutputPlanner(graph: graph, catalogue: catalogue, scopes: scopes, changing: changedResources)
        let selected = OutputSelection(graph, options, selection)
        await planner.plan(recorded: recorded, resources: checks, selected: selected)
        outputs = planner.outputs
        checks = planner.results
        diagnostics.append(planner.diagnostics)
    }

    /// Where nothing is planned, checks look at what is there.
    private mutating func reviewLive() async {
        guard graph.modules.contains(where: { !$0.content.checks.isEmpty }) else { return }
        await LiveValues(graph: graph, catalogue: catalogue, state: state, scopes: scopes).fill(values, &diagnostics)
        var planner = OutputPlanner(graph: graph, catalogue: catalogue, scopes: scopes, changing: [])
        await planner.reviewChecks()
        checks = planner.results
        diagnostics.append(planner.diagnostics)
    }

    // MARK: - The plan

    func finish(_ plan: inout Plan) {
        plan.changes = changes
        plan.outputs = outputs
        plan.checks = checks
        plan.held = held.sorted { $0.address < $1.address }
        plan.rewrites = rewrites
        plan.imports = imports
        plan.data = data
        plan.unchangedCount = unchanged.count
        plan.dependentCount = dependentCount()
        plan.drift = state.entries.filter { $0.hasDrifted && $0.record.deposedKey == nil }.map { entry in
            let declaration = graph.declaration(at: entry.record.address.resource)
            return DriftedResource(
                address: entry.record.address, recorded: recordedBesideChangeable(entry),
                live: entry.isGone ? nil : entry.live?.values, livePrivateData: entry.live?.privateData,
                declaredAt: declaration.map { graph.declarations[$0].range(of: entry.record.address.key).location },
                isRelevant: options.mode == .refreshOnly || changeByAddress[entry.record.address] != nil)
        }
        var finder = ReadRowFinder(graph, state)
        finder.find(changes, rewrites, plan.moves, imports)
        plan.readSet.rows = finder.rows
    }

    /// The recorded values, with those that change by themselves as they are now: these are no drift.
    private func recordedBesideChangeable(_ entry: RecordedState.Entry) -> Value {
        let record = entry.record
        guard let live = entry.live?.values, var map = record.values.asMap,
            let schema = catalogue.schema(of: record.address.type, .managed, in: record.provider)
        else { return record.values }
        for attribute in schema.attributes where attribute.isVolatile {
            map[attribute.name] = live[key: attribute.name]
        }
        return Value(.map(map, .object), isSensitive: record.values.isSensitive)
    }

    /// What stays as it is and waits, directly or not, for something that changes.
    private func dependentCount() -> Int {
        let touching = changes.filter { $0.after == nil || $0.before != nil }
        guard options.mode == .normal, !touching.isEmpty else { return 0 }
        var touchedNodes = [Bool](repeating: false, count: graph.nodes.count)
        var touchedDeclarations = [Bool](repeating: false, count: graph.declarations.count)
        let changed = Set(touching.map(\.address))
        var count = 0
        for entry in graph.order {
            guard case .node(let index) = entry else { continue }
            let node = graph.nodes[index]
            let declaration = graph.declarations[node.declaration]
            let isChanged = changed.contains(declaration.address.instance(node.key))
            let waits =
                node.dependencies.contains { touchedNodes[$0] }
                || declaration.dependencies.contains { touchedDeclarations[$0] }
            guard isChanged || waits else { continue }
            touchedNodes[index] = true
            touchedDeclarations[node.declaration] = true
            let hasOwnChange = changeByAddress[declaration.address.instance(node.key)] != nil
            if !hasOwnChange, declaration.address.mode == .managed { count += 1 }
        }
        return count
    }
}

extension PlannedChange {
    /// Whether `replace_triggered_by` counts it.
    var isTrigger: Bool {
        switch action {
        case .update, .replace: true
        case .create, .delete, .read, .forget, .wait: false
        }
    }
}
