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
        let modules = Dictionary(
            graph.modules.enumerated().map { ($1.path.addressText, $0) }, uniquingKeysWith: { first, _ in first })
        for planned in applier.plan.checks {
            guard let module = modules[planned.module] else { continue }
            let content = graph.modules[module].content
            switch planned.object {
            case .variable(let name): judgeVariable(name, planned, content, module, preparer)
            case .resource(let address):
                judgeResource(address, planned, isTold: steppedAddresses.contains(address), preparer)
            case .output(let name):
                if let output = content.output(name) { judgeOutput(output, planned.module, module, preparer) }
            // Judged before the apply, and kept beside these.
            case .policy: continue
            case .check(let name):
                guard let check = content.checks.first(where: { $0.name == name }) else { continue }
                guard readsData || check.data == nil else {
                    results.append(CheckResult(.check(name), .unknown, in: planned.module))
                    continue
                }
                await review(check, module, applier.catalogue, preparer)
            }
        }
    }

    private mutating func judgeVariable(
        _ name: String, _ planned: CheckResult, _ content: ModuleContent, _ module: Int, _ preparer: StepPreparer
    ) {
        guard planned.status == .unknown else { return results.append(planned) }
        var judgement = ConditionJudgement()
        for validation in content.validations where validation.variable == name {
            judgement = judgement.joined(with: preparer.judge(validation, in: module, &diagnostics))
        }
        results.append(judgement.result(of: .variable(name), in: planned.module))
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
            if let problems = judgement.diagnostics(summary, .resource(address)) { diagnostics.append(problems) }
        }
    }

    private mutating func judgeOutput(
        _ output: ResolvedOutput, _ place: String, _ module: Int, _ preparer: StepPreparer
    ) {
        let judgement = preparer.judge(output, in: module)
        results.append(judgement.result(of: .output(output.name), in: place))
        guard let problems = judgement.diagnostics("Precondition of an output failed", .output(output.name)) else {
            return
        }
        diagnostics.append(problems)
        if module == 0 { refusedOutputs.insert(output.name) }
    }

    private mutating func review(
        _ check: ResolvedCheck, _ module: Int, _ catalogue: ProviderCatalogue, _ preparer: StepPreparer
    ) async {
        let review = await preparer.reviewer(of: check, in: module).review {
            (data, declared) async throws(Diagnostics) in
            try await catalogue.read(data, at: data.address, of: data.provider, declared: declared)
        }
        results.append(review.result)
        diagnostics.append(review.warnings)
    }
}
