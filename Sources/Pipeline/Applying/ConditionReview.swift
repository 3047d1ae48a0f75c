internal import Expressions
internal import PlumbModel
internal import ProviderAPI

/// Holds the conditions against what a run has come to, once its steps have ended: those that the plan could not tell,
/// and all checks anew.
struct ConditionReview {
    private(set) var results: [CheckResult] = []
    private(set) var diagnostics = Diagnostics()
    /// Outputs that must stay as they were recorded.
    private(set) var refusedOutputs: Set<String> = []

    /// - Parameters:
    ///   - steppedAddresses: instances that a step has made or tried to: their conditions have been told with the step.
    ///   - readsData: false where the run was stopped; checks that read are left open then.
    mutating func run(
        _ applier: Applier, _ preparer: StepPreparer, steppedAddresses: Set<ResourceAddress>, readsData: Bool
    ) async {
        let graph = applier.graph
        for planned in applier.plan.checks {
            switch planned.object {
            case .variable(let name): judgeVariable(name, planned, graph, preparer)
            case .resource(let address):
                judgeResource(address, planned, isTold: steppedAddresses.contains(address), preparer)
            case .output(let name):
                if let output = graph.outputs.first(where: { $0.name == name }) {
                    judgeOutput(output, preparer)
                }
            case .check(let name):
                guard let check = graph.checks.first(where: { $0.name == name }) else { continue }
                guard readsData || check.data == nil else {
                    results.append(CheckResult(.check(name), .unknown))
                    continue
                }
                await review(check, applier.catalogue, preparer)
            }
        }
    }

    private mutating func judgeVariable(
        _ name: String, _ planned: CheckResult, _ graph: ResourceGraph, _ preparer: StepPreparer
    ) {
        guard planned.status == .unknown else { return results.append(planned) }
        var judgement = ConditionJudgement()
        for validation in graph.validations where validation.variable == name {
            judgement = judgement.joined(with: preparer.judge(validation, &diagnostics))
        }
        results.append(judgement.result(of: .variable(name)))
    }

    private mutating func judgeResource(
        _ address: ResourceAddress, _ planned: CheckResult, isTold: Bool, _ preparer: StepPreparer
    ) {
        guard planned.status == .unknown, let judged = preparer.judge(address) else { return results.append(planned) }
        results.append(judged.preconditions.joined(with: judged.postconditions).result(of: .resource(address)))
        guard !isTold else { return }
        for (judgement, summary) in [
            (judged.preconditions, "Precondition failed"), (judged.postconditions, "Postcondition failed"),
        ] {
            if let problems = judgement.diagnostics(summary, address) { diagnostics.append(problems) }
        }
    }

    private mutating func judgeOutput(_ output: ResolvedOutput, _ preparer: StepPreparer) {
        let judgement = preparer.judge(output)
        results.append(judgement.result(of: .output(output.name)))
        guard let problems = judgement.diagnostics("Precondition of an output failed", nil) else { return }
        diagnostics.append(problems)
        refusedOutputs.insert(output.name)
    }

    private mutating func review(
        _ check: ResolvedCheck, _ catalogue: ProviderCatalogue, _ preparer: StepPreparer
    ) async {
        let review = await preparer.reviewer(of: check).review { (data, declared) async throws(Diagnostics) in
            try await catalogue.read(data, at: data.address, declared: declared)
        }
        results.append(review.result)
        diagnostics.append(review.warnings)
    }
}
