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
        try TargetCheck(graph: session.graph).check(target)
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
