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
        let selection = Selection(graph, options)
        try configureProviders(from: snapshot.resources)
        let recoveries = try await RecoveryFinder(catalogue: catalogue, report: report).find(
            snapshot.openIntents)
        var state = RecordedState(snapshot, recoveries)
        var mover = RecordMover(graph)
        let moves = mover.move(&state)
        try await refresh(&state, selection)
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
            refreshing: refresher, plannedAt: origin.createdAt)
        walk.note(mover.warnings)
        if options.mode == .normal { await walk.walkDeclared() }
        walk.planUndeclared()
        if options.mode == .refreshOnly { walk.planRefreshOnly() }
        await walk.planOutputs(recorded: snapshot.outputs)
        try walk.diagnostics.throwIfErrors()
        walk.finish(&plan)
        try StepOrdering(graph: graph, state: state, plan: plan).order(&plan)
        return PlanResult(plan: plan, warnings: walk.diagnostics)
    }

    /// Instances whose settings come from resources are first configured by what is recorded of these.
    private func configureProviders(from records: [ResourceRecord]) throws(Diagnostics) {
        for (provider, settings) in try graph.providerSettings(recorded: records, files: files) {
            try catalogue.late(provider)?.configure(settings, at: .recorded)
        }
    }

    private var refresher: Refresher {
        Refresher(catalogue: catalogue, parallelism: options.parallelism, report: report)
    }

    private func refresh(_ state: inout RecordedState, _ selection: Selection) async throws(Diagnostics) {
        let all = state.entries.indices
        guard options.refreshes else { return state.standInForLive(all) }
        let wanted = all.filter { isSelected(state.entries[$0].record.address, selection) }
        state.standInForLive(all)
        let findings = try await refresher.refresh(wanted.map { state.entries[$0].record })
        state.take(findings, at: wanted) { record in
            catalogue.schema(of: record.address.type, .managed, in: record.provider)
        }
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

/// A plan and what was noticed on the way.
public struct PlanResult: Sendable {
    public let plan: Plan
    public let warnings: Diagnostics

    public init(plan: Plan, warnings: Diagnostics) {
        self.plan = plan
        self.warnings = warnings
    }
}
