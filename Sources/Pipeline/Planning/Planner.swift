internal import Expressions
public import PlumbModel
public import ProviderAPI

/// Makes the plan: what is declared against what is live and recorded, instance by instance in the order of the graph.
public struct Planner {
    private let graph: ResourceGraph
    private let catalogue: ProviderCatalogue
    private let files: any SpecificationSource
    private let options: PlanOptions
    private let origin: PlanOrigin
    private let report: @Sendable (RunEvent) -> Void

    public init(
        _ graph: ResourceGraph, catalogue: ProviderCatalogue, files: any SpecificationSource, options: PlanOptions,
        origin: PlanOrigin, report: @escaping @Sendable (RunEvent) -> Void
    ) {
        self.graph = graph
        self.catalogue = catalogue
        self.files = files
        self.options = options
        self.origin = origin
        self.report = report
    }

    /// - Throws: all that stands in the way of a plan; nothing has been changed then.
    public func plan(recorded snapshot: StateSnapshot) async throws(Diagnostics) -> PlanResult {
        try PatternCheck(graph: graph, records: snapshot.resources, options: options).check()
        let holds = HeldAddresses(snapshot.holds, at: origin.createdAt)
        let wanted = Selection(graph, options)
        var options = options
        if options.mode != .refreshOnly { options.excludes += holds.excludes(graph, snapshot, options.mode) }
        let selection = holds.isEmpty ? wanted : Selection(graph, options)
        try configureProviders(from: snapshot.resources)
        let recoveries = try await RecoveryFinder(catalogue: catalogue, report: report).find(
            snapshot.openIntents)
        var state = RecordedState(snapshot, recoveries)
        var mover = RecordMover(graph)
        let moves = mover.move(&state)
        let strays = try await refresh(&state, selection)
        if options.mode == .normal {
            let finder = ImportFinder(
                graph: graph, catalogue: catalogue, selection: selection, parallelism: options.parallelism)
            state.adopt(try await finder.find(state))
        }

        var plan = Plan(mode: options.mode, origin: origin)
        plan.recoveries = recoveries
        plan.moves = moves
        plan.readSet.lineage = snapshot.lineage
        var walk = PlanningWalk(
            graph: graph, catalogue: catalogue, files: files, options: options, selection: selection, state: state,
            refreshing: refresher, holds: holds, wanted: wanted, plannedAt: origin.createdAt)
        if options.mode != .refreshOnly { walk.note(holds.warnings()) }
        walk.note(mover.warnings)
        walk.note(strays)
        if options.mode == .normal { await walk.walkDeclared() }
        walk.planUndeclared()
        if options.mode == .refreshOnly { walk.planRefreshOnly() }
        await walk.planOutputs(recorded: snapshot.outputs)
        try RepeatedProblems.merged(walk.diagnostics).throwIfErrors()
        walk.finish(&plan)
        try StepOrdering(graph: graph, state: state, plan: plan).order(&plan)
        return PlanResult(
            plan: plan, warnings: walk.diagnostics, unchanged: walk.unchanged, priorOutputs: snapshot.outputs,
            driftPolicies: walk.driftPolicies, state: walk.state)
    }

    /// Instances whose settings come from resources are first configured by what is recorded of these.
    private func configureProviders(from records: [ResourceRecord]) throws(Diagnostics) {
        for (provider, settings) in try graph.providerSettings(recorded: records, files: files) {
            try catalogue.late(provider)?.configure(settings, at: .recorded)
        }
    }

    private var refresher: Refresher {
        Refresher(
            catalogue: catalogue, parallelism: options.parallelism, sparesUnreadable: options.sparesUnreadable,
            report: report)
    }

    /// - Returns: warnings of what the provider instance that the specs now name does not have.
    private func refresh(
        _ state: inout RecordedState, _ selection: Selection
    ) async throws(Diagnostics) -> Diagnostics {
        let all = state.entries.indices
        guard options.refreshes else {
            state.standInForLive(all)
            return Diagnostics()
        }
        let wanted = all.filter { isSelected(state.entries[$0].record.address, selection) }
        state.standInForLive(all)
        let asked = wanted.map { index in
            var record = state.entries[index].record
            record.provider = provider(reading: record)
            return record
        }
        let findings = try await refresher.refresh(asked)
        try refuseBlindness(findings)
        state.take(findings, at: wanted) { record in
            catalogue.schema(of: record.address.type, .managed, in: provider(reading: record))
        }
        var strays = Diagnostics()
        for (record, index) in zip(asked, wanted) where state.entries[index].isGone {
            let recorded = state.entries[index].record.provider
            if record.provider != recorded { strays.append(.stray(record, recorded)) }
        }
        return strays
    }

    /// Where nothing at all could be read, nothing can be told of the stack.
    private func refuseBlindness(_ findings: [Refresher.Finding]) throws(Diagnostics) {
        var unreadable: [UnreadableResource] = []
        for finding in findings {
            switch finding {
            case .recorded: break
            case .live, .gone: return
            case .unreadable(let resource): unreadable.append(resource)
            }
        }
        try UnreadableResource.problems(unreadable).throwIfErrors()
    }

    /// The instance that the specs name, where it can be asked yet: what is changed later is what was read. Otherwise the
    /// one that the row names.
    private func provider(reading record: ResourceRecord) -> String {
        guard options.mode == .normal, record.deposedKey == nil, let node = node(at: record.address) else {
            return record.provider
        }
        let declared = graph.nodes[node].provider
        guard catalogue.isConfigured(declared, at: .recorded) else { return record.provider }
        return declared
    }

    private func node(at address: ResourceAddress) -> Int? {
        guard let index = graph.declaration(at: address.resource) else { return nil }
        let declaration = graph.declarations[index]
        if let key = address.key { return declaration.node(for: key) }
        return declaration.instances.first { graph.nodes[$0].key == nil }
    }

    private func isSelected(_ address: ResourceAddress, _ selection: Selection) -> Bool {
        guard let index = graph.declaration(at: address.resource) else {
            return selection.includes(undeclared: address)
        }
        let declaration = graph.declarations[index]
        if case .deferred = declaration.expansion { return selection.includes(declaration: index) }
        let node = address.key.map { declaration.node(for: $0) } ?? declaration.instances.first
        return node.map(selection.includes(node:)) ?? selection.includes(undeclared: address)
    }
}

/// A plan, what was noticed on the way, and what it was made beside.
public struct PlanResult: Sendable {
    /// What policies say of it, whoever holds it against them puts in.
    public var plan: Plan
    public let warnings: Diagnostics
    /// Managed instances that were looked at and need no change.
    public let unchanged: [ResourceAddress]
    /// As last applied.
    public let priorOutputs: [OutputRecord]
    /// What resources say of their drift, where they do.
    public let driftPolicies: [ResourceAddress: DriftPolicy]
    private let state: RecordedState

    init(
        plan: Plan, warnings: Diagnostics, unchanged: [ResourceAddress], priorOutputs: [OutputRecord],
        driftPolicies: [ResourceAddress: DriftPolicy], state: RecordedState
    ) {
        self.plan = plan
        self.warnings = warnings
        self.unchanged = unchanged
        self.priorOutputs = priorOutputs
        self.driftPolicies = driftPolicies
        self.state = state
    }

    /// The same plan with other warnings.
    public func warning(of warnings: Diagnostics) -> PlanResult {
        PlanResult(
            plan: plan, warnings: warnings, unchanged: unchanged, priorOutputs: priorOutputs,
            driftPolicies: driftPolicies, state: state)
    }

    /// What is recorded of an instance and what is live; nil where it is not recorded, no live values where it is gone.
    public func values(of address: ResourceAddress) -> (recorded: Value, live: Value?)? {
        state[address].map { ($0.record.values, $0.isGone ? nil : $0.live?.values) }
    }

    /// What could not be read, where the plan was to spare such. Nothing is planned of it, and what refers to it is planned
    /// by its recorded values.
    public var unreadable: [UnreadableResource] { state.entries.compactMap(\.unreadable) }

    /// What the resources were made from by what is recorded, all the way down: instances, or resources without keys.
    public func foundations(of addresses: some Sequence<ResourceAddress>) -> Set<ResourceAddress> {
        var found: Set<ResourceAddress> = []
        var pending = addresses.flatMap { state.entries(of: $0.resource) }
        while let entry = pending.popLast() {
            for address in entry.record.dependencies where found.insert(address).inserted {
                let entries = state.entries(of: address.resource)
                pending += address.key == nil ? entries : entries.filter { $0.record.address == address }
            }
        }
        return found
    }

    /// The row of an instance; nil where it is not recorded.
    public func record(of address: ResourceAddress) -> ResourceRecord? { state[address]?.record }

    /// The recorded rows with their live values, those of what is gone left out.
    public var prior: [ResourceRecord] {
        state.entries.filter { !$0.isGone }.map { entry in
            var record = entry.record
            if let live = entry.live { record.values = live.values }
            return record
        }
    }
}

extension Diagnostic {
    /// - Parameters:
    ///   - record: with the provider instance that was asked.
    ///   - recorded: the provider instance that has the resource.
    fileprivate static func stray(_ record: ResourceRecord, _ recorded: String) -> Diagnostic {
        .warning(
            "Other provider instance",
            "\(record.address) was made by \(recorded), and \(record.provider), which the specs now name, does not have "
                + "it. It is created there; the one of \(recorded) stays, and is forgotten. To be rid of it, first "
                + "apply without the resource, or give the new one another name.", address: record.address)
    }
}
