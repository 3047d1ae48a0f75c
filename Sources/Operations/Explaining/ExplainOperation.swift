internal import Expressions
internal import Planning
public import PlumbModel
internal import Resolving

/// `plumb explain`: where a value comes from, what it is, and why it will change. Makes a plan, and changes nothing.
public struct ExplainOperation: Sendable {
    private let session: StackSession
    private let given: [String: GivenVariable]
    private let holder: LeaseHolder?

    /// - Parameters:
    ///   - environment: as the session was opened with, like `variables`: they say who gave a variable its value.
    ///   - holder: this process, as for a plan.
    public init(
        _ session: StackSession, environment: [String: String], variables: [VariableArgument],
        holder: LeaseHolder? = nil
    ) throws(Diagnostics) {
        self.session = session
        self.holder = holder
        let all = try VariableGathering(
            specification: session.specification, source: session.files, environment: environment,
            arguments: variables
        ).gather()
        given = Dictionary(all.map { ($0.name, $0) }, uniquingKeysWith: { _, later in later })
    }

    /// - Parameter text: what to explain, as it is written in specs: `local_file.config["web"].filename`, `var.region`.
    public func explain(
        _ text: String, refreshes: Bool, report: @escaping @Sendable (RunEvent) -> Void
    ) async throws(Diagnostics) -> Explanation {
        let target = try ExplanationTarget(parsing: text)
        try TargetCheck(graph: session.graph, specification: session.specification).check(target)
        let snapshot = try await session.snapshot()
        let plan = try await PlanOperation(session, holder: holder).run(
            PlanOptions(refreshes: refreshes), report: report
        ).plan
        let values = StackValues(session, snapshot, plan: plan, data: plan.data)
        let finder = DependencyFinder(graph: session.graph, specification: session.specification)
        let explainer = Explainer(
            session: session, snapshot: snapshot, plan: plan, values: values, finder: finder,
            tracer: InputTracer(finder: finder, values: values, plan: plan, given: given))
        return try explainer.explain(target)
    }
}

/// Refuses what the stack does not have.
struct TargetCheck {
    let graph: ResourceGraph
    let specification: Specification

    func check(_ target: ExplanationTarget) throws(Diagnostics) {
        switch target.subject {
        case .variable(let name): try check(name, "variable", "var.", specification.variables.map(\.name))
        case .local(let name): try check(name, "local", "local.", specification.locals.map(\.name))
        case .output(let name): try check(name, "output", "output.", specification.outputs.map(\.name))
        case .resource(let address):
            guard graph.declaration(at: address) == nil else { return }
            let names = graph.declarations.map(\.address.description)
            throw unknown("resource", address.description, names)
        }
    }

    private func check(
        _ name: String, _ kind: String, _ prefix: String, _ names: [String]
    ) throws(Diagnostics) {
        guard !names.contains(name) else { return }
        throw unknown(kind, prefix + name, names.map { prefix + $0 })
    }

    private func unknown(_ kind: String, _ name: String, _ names: [String]) -> Diagnostics {
        let hint = Suggestion.didYouMean(name, among: names)
        let list = names.sorted().prefix(8).joined(separator: ", ") + (names.count > 8 ? ", …" : ".")
        let rest =
            !hint.isEmpty ? hint : names.isEmpty ? " The stack has no \(kind)s." : " The stack has: \(list)"
        return Diagnostics(.error("Unknown \(kind)", "The stack has no \(kind) \"\(name)\".\(rest)"))
    }
}
