internal import Expressions
internal import PlumbModel
internal import ProviderAPI

/// Plans what comes after all resources: outputs, the validations that had to wait for them, and checks.
struct OutputPlanner {
    let graph: ResourceGraph
    let catalogue: ProviderCatalogue
    let scope: StackScope
    /// Without keys: the resources that this plan changes.
    let changing: Set<ResourceAddress>

    private(set) var outputs: [PlannedOutput] = []
    private(set) var results: [CheckResult] = []
    private(set) var diagnostics = Diagnostics()

    init(graph: ResourceGraph, catalogue: ProviderCatalogue, scope: StackScope, changing: Set<ResourceAddress>) {
        self.graph = graph
        self.catalogue = catalogue
        self.scope = scope
        self.changing = changing
    }

    /// - Parameter resources: what came of the conditions of the instances.
    mutating func plan(recorded: [OutputRecord], resources: [CheckResult]) async {
        judgeVariables()
        results += resources
        planOutputs(recorded)
        await reviewChecks()
    }

    mutating func reviewChecks() async {
        for check in graph.checks { await review(check) }
    }

    private mutating func judgeVariables() {
        var judged: [String: ConditionJudgement] = [:]
        for validation in graph.validations {
            let judgement = validation.judge(InstanceScope(scope), &diagnostics)
            judged[validation.variable] = judged[validation.variable].map { $0.joined(with: judgement) } ?? judgement
        }
        results += judged.sorted { $0.key < $1.key }.map { $0.value.result(of: .variable($0.key)) }
    }

    private mutating func planOutputs(_ recorded: [OutputRecord]) {
        let before = Dictionary(recorded.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
        for output in graph.outputs {
            do throws(Diagnostics) {
                let value = try value(of: output)
                output.check(value, &diagnostics)
                outputs.append(
                    PlannedOutput(output.name, before: before[output.name], after: value.sensitive(output.isSensitive)))
            } catch {
                diagnostics.append(error)
            }
        }
        let names = Set(graph.outputs.map(\.name))
        outputs += recorded.filter { !names.contains($0.name) }.map(PlannedOutput.deletion)
    }

    /// What must hold of an output may be why its value can be evaluated at all.
    private mutating func value(of output: ResolvedOutput) throws(Diagnostics) -> Value {
        if !output.preconditions.isEmpty {
            let judgement = ConditionChecker(InstanceScope(scope)).judge(output.preconditions)
            results.append(judgement.result(of: .output(output.name)))
            if let problems = judgement.diagnostics("Precondition of an output failed", nil) { throw problems }
        }
        return try Evaluator(scope: InstanceScope(scope)).evaluate(output.value)
    }

    private mutating func review(_ check: ResolvedCheck) async {
        let catalogue = catalogue
        let isPending = check.data?.waits(forAnyOf: changing) ?? false
        let review = await CheckReviewer(check, scope: scope).review(isPending: isPending) {
            (data, declared) async throws(Diagnostics) in
            try await catalogue.read(data, at: data.address, declared: declared)
        }
        results.append(review.result)
        diagnostics.append(review.warnings)
    }
}
